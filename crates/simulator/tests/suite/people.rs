//! People who text, with the clock turned up.

use std::time::Duration;

use deskline_simulator::people::{CAST, Habit, People};
use deskline_twilio::{From, NewMessage};

use crate::{SOON, client, receiver::Receiver, simulator, text};

/// Everybody writes and answers at once.
fn hasty(at_most: usize, seed: u64) -> People {
    let now = Duration::ZERO..=Duration::ZERO;
    People { every: now.clone(), answer_after: now, at_most: Some(at_most), seed }
}

#[tokio::test]
async fn people_text_the_same_things_with_the_same_seed() {
    let mut days = Vec::new();
    for _ in 0..2 {
        let (simulator, receiver) = (simulator().await, Receiver::start().await);
        simulator.set_webhook(receiver.at("/twilio/webhook"));
        simulator.start_people(hasty(20, 7)).await;
        simulator.wait_for_people(|said| said.texts == 20, SOON).await.unwrap();
        days.push(std::iter::zip(receiver.all("From"), receiver.all("Body")).collect::<Vec<_>>());
    }

    assert_eq!(days[0], days[1]);
    assert_eq!(days[0].len(), 20);
}

#[tokio::test]
async fn whoever_gets_a_text_answers_it_from_the_number_that_it_went_to() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.set_webhook(receiver.at("/twilio/webhook"));
    simulator.start_people(hasty(0, 7)).await;
    let persona = CAST.iter().find(|persona| persona.habit == Habit::Chatty).unwrap();
    let ours = simulator.numbers()[1].clone();

    let message = NewMessage {
        to: persona.number.to_owned(),
        from: From::Number(ours.clone()),
        ..text(&simulator, "Your bike is ready")
    };
    client(&simulator).create_message(&message).await.unwrap();
    simulator.wait_for_people(|said| said.answers == 1, SOON).await.unwrap();

    let form = &receiver.forms()[0];
    assert_eq!((form.field("From"), form.field("To")), (Some(persona.number), Some(ours.as_str())));
    assert_eq!(form.field("Body"), Some(persona.answers[0]));
}

#[tokio::test]
async fn somebody_answers_and_then_stops() {
    let simulator = simulator().await;
    simulator.start_people(hasty(0, 7)).await;
    let stopper = CAST.iter().find(|persona| persona.habit == Habit::Stops).unwrap();
    let message = NewMessage { to: stopper.number.to_owned(), ..text(&simulator, "Sale!") };

    for answers in 1..=2 {
        client(&simulator).create_message(&message).await.unwrap();
        simulator.wait_for_people(|said| said.answers == answers, SOON).await.unwrap();
    }

    let error = client(&simulator).create_message(&message).await.unwrap_err();
    assert_eq!(error.code(), Some(21_610));
}

#[tokio::test]
async fn people_who_were_stopped_say_nothing_more() {
    let simulator = simulator().await;
    simulator.start_people(hasty(1_000_000, 7)).await;
    simulator.wait_for_people(|said| said.texts >= 3, SOON).await.unwrap();

    simulator.stop_people().await;

    assert!(simulator.wait_for_people(|_| true, SOON).await.is_err());
}
