//! The server from outside: a real Postgres, the simulator as Twilio, HTTP and Socket.IO clients. One binary, one file a topic.

#[cfg(test)]
mod activity;
#[cfg(test)]
mod admin;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod auth;
#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod connecting;
#[cfg(test)]
mod consent;
#[cfg(test)]
mod contacts;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod drafts;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hostile_sockets;
#[cfg(test)]
mod interop;
#[cfg(test)]
mod live;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod media;
#[cfg(test)]
mod members;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod opted_out;
#[cfg(test)]
mod outbound;
#[cfg(test)]
mod pools;
#[cfg(test)]
mod road;
#[cfg(test)]
mod running;
#[cfg(test)]
mod scheduled;
#[cfg(test)]
mod seams;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod sign_ins;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod team;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod uploads;
#[cfg(test)]
mod walk;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod world;
