//! The server from outside: a real Postgres, the simulator as Twilio, HTTP and Socket.IO clients. One binary, one file a topic.

#[cfg(test)]
mod activity;
#[cfg(test)]
mod admin;
#[cfg(test)]
mod auth;
#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod contacts;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod interop;
#[cfg(test)]
mod live;
#[cfg(test)]
mod road;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod team;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod world;
