//! Ten people who are harder to talk to: they never answer, cannot be reached, or write at length.

use super::cast::{
    Habit,
    Line::{Them, Us},
    Persona,
};

/// Ten of the cast.
pub(super) const EVENING: [Persona; 10] = [
    Persona {
        name: "Walter Finch",
        number: "+13125550121",
        habit: Habit::Answers,
        history: &[
            Them("Dear Fernway Cycles, this is Walter Finch speaking. My grandson showed me how to text."),
            Us("Hello Mr Finch, how nice to hear from you! What can we do for you?"),
            Them("I shall write again."),
        ],
        openings: &[
            "Dear Fernway Cycles, it is Walter Finch again. I promised to write about the bicycle. It is a 1962 Raleigh Sports, \
             bottle green, three speeds, and it belonged to my wife Margaret, who rode it to the library every day for thirty-one \
             years. It has been in the garage since she passed. My granddaughter Ellie turns sixteen in June, and I would like to \
             give it to her, but only if it is safe to ride. The tyres are perished, the brake blocks have gone hard as stone, and \
             the gear cable has come away from the little chain that goes into the hub. The saddle is leather and I have kept it \
             waxed. I do not mind what it costs within reason, but I should like to keep as much of it as it was, the bell above \
             all. Would you be able to have a look at it? I can bring it on the bus if the driver lets me. Yours sincerely, W. Finch",
        ],
        answers: &[
            "That is very kind. You would come and fetch it? I live at 12 Orchard Lane, the house with the blue gate. I am always in, \
             except on Wednesdays, when I play bowls.",
            "I have told Ellie nothing. It is to be a surprise. Thank you, all of you.",
            "Yours sincerely, W. Finch",
        ],
    },
    Persona {
        name: "Nina Kowalczyk",
        number: "+13125550122",
        habit: Habit::NeverAnswers,
        history: &[
            Them("Please call me back"),
            Us("Hi Nina, we tried twice. When is a good time?"),
            Us("Hi Nina, still there?"),
        ],
        openings: &["Please call me back", "Still waiting for a call"],
        answers: &[],
    },
    Persona {
        name: "Harold Jenkins",
        number: "+13125550123",
        habit: Habit::NeverAnswers,
        history: &[Them("how much for a new chain"), Us("Hi Harold, from $24 with fitting. For which bike?")],
        openings: &["how much for a new chain", "too expensive"],
        answers: &[],
    },
    Persona {
        name: "Courier 7",
        number: "+13125550124",
        habit: Habit::NeverAnswers,
        history: &[Them("Parcel at back door."), Us("Thank you!")],
        openings: &[
            "2 parcels at back door.",
            "Nobody there. Parcel is with the bakery next door.",
            "Pallet tomorrow 7-9.",
        ],
        answers: &[],
    },
    Persona {
        name: "Olivia Brandt",
        number: "+13125550125",
        habit: Habit::NeverAnswers,
        history: &[
            Them("Hi! I lost my receipt, can you resend it? Olivia Brandt, 2 May"),
            Us("Hi Olivia, it's in your inbox."),
        ],
        openings: &["Hi! I lost my receipt again 🙈 2 May, Olivia Brandt"],
        answers: &[],
    },
    Persona {
        name: "Ben Carver",
        number: "+13125550126",
        habit: Habit::Unreachable(30_003),
        history: &[Them("Going off grid for a few weeks, will pick up the frame after"), Us("No problem, Ben. Enjoy!")],
        openings: &["One bar of signal up here! Keep the frame for me, will you?"],
        answers: &[],
    },
    Persona {
        name: "Sofia Lindqvist",
        number: "+13125550127",
        habit: Habit::Unreachable(30_007),
        history: &[
            Them("Do you have a link to the repair price list?"),
            Us("Here you are: https://fernway.example/prices"),
        ],
        openings: &["I never got the link, could you send it again?"],
        answers: &[],
    },
    Persona {
        name: "Yuki Tanaka",
        number: "+13125550128",
        habit: Habit::Answers,
        history: &[
            Them("こんにちは。ブレーキの調整をお願いしたいです。"),
            Us("Hello Yuki! Sure. Tomorrow at 2 pm?"),
            Them("はい、お願いします 🙇‍♀️"),
        ],
        openings: &["こんにちは！ブレーキ、とても良くなりました。次は変速も見ていただけますか？🚲✨"],
        answers: &["土曜日の午前中は空いていますか？", "ありがとうございます！"],
    },
    Persona {
        name: "Fernway Riders (Pat)",
        number: "+13125550129",
        habit: Habit::Chatty,
        history: &[
            Them("Pat here from the riders' club. We need 6 high-vis vests for the night ride."),
            Us("Hi Pat, we have them in M and L."),
            Them("3 and 3 please. Put it on the club's tab."),
        ],
        openings: &[
            "Pat again. Route for the night ride:\n1. Shop\n2. Harbour\n3. Old mill\n4. Café Luna\nMeet 19:45, lights on!",
            "We are 23 now 😳 do you have more lights to lend?",
            "Rain forecast 70%. We ride anyway, right?",
        ],
        answers: &["You're on. Club votes yes.", "Bring the spare tubes please", "See you at 19:45 🌙🚲"],
    },
    Persona {
        name: "Lena Hofmann",
        number: "+13125550130",
        habit: Habit::Answers,
        history: &[
            Them("Hi, I'd like to apply for the mechanic's job. Whom do I write to?"),
            Us("Hi Lena, great! Send a few lines to jobs@fernway.example."),
            Them("Done. I can start in October."),
            Us("We'd like to meet you. Friday at 3?"),
        ],
        openings: &["Friday at 3 is perfect. Should I bring my own tools?"],
        answers: &["Then I'll bring my truing stand, it's a good one :)", "See you on Friday!"],
    },
];
