//! Ten people who text by themselves and like an answer.

use super::cast::{
    Habit,
    Line::{Them, Us},
    Persona,
};

/// Ten of the cast.
pub(super) const MORNING: [Persona; 10] = [
    Persona {
        name: "Maya Okafor",
        number: "+14155550101",
        habit: Habit::Chatty,
        history: &[
            Them("Hi, do you do same-day puncture repairs?"),
            Us("Hi Maya, yes: in before noon, back by five. $18 with a new tube."),
            Them("Perfect, dropping it off in 20"),
            Us("Your bike is ready. We also tightened the headset, no charge."),
            Them("You're the best, thank you!"),
        ],
        openings: &[
            "Morning! My rear brake squeals like a tiny dragon again. Could you take a look today?",
            "Quick one: is the workshop open on Saturday?",
            "Does the tune-up include new brake pads or are they extra?",
        ],
        answers: &["Great, I'll bring it by after work, around 5:30", "Perfect 🙌", "Thanks, see you then!"],
    },
    Persona {
        name: "Tom Bergström",
        number: "+14155550102",
        habit: Habit::Chatty,
        history: &[
            Them("Is the 54 cm Fernway Tourer in stock?"),
            Us("We have one in green. Would you like to try it?"),
            Them("Tomorrow at 11?"),
            Us("It's reserved for you."),
        ],
        openings: &[
            "Hej! I rode the green Tourer home yesterday and I'm in love. Which rear rack fits it?",
            "Do you take old frames in part exchange?",
        ],
        answers: &["The lighter one, please. Can you put it aside for me?", "Tack! I'll come on Thursday.", "👍"],
    },
    Persona {
        name: "Priya Raman",
        number: "+14155550103",
        habit: Habit::Chatty,
        history: &[
            Them("Do you rent cargo bikes for a weekend?"),
            Us("We do: $65 for the weekend, with a rain cover. Which one?"),
            Them("14th and 15th please. Two kids, 4 and 6"),
            Us("Booked. The bench has belts for both."),
            Them("They are already fighting over who sits in front 😄"),
        ],
        openings: &[
            "Hello! Could we have the cargo bike again on Sunday? Picnic plans 🧺🚲",
            "We are back! The kids say it is the best bike in the world. Where do I leave the key?",
            "Do you also have a trailer for a medium-sized dog?",
        ],
        answers: &["Sunday 10 to 4 would be lovely", "Yes please, with the rain cover", "You are wonderful, thanks!"],
    },
    Persona {
        name: "Diego Fuentes",
        number: "+14155550104",
        habit: Habit::Chatty,
        history: &[
            Them("hey is my wheel true yet"),
            Us("Hi Diego, done. Two spokes were loose. $25."),
            Them("sweet on my way"),
        ],
        openings: &[
            "yo can u check if i left my lock there??",
            "how late are u open today",
            "chain skips in 5th. bad?",
        ],
        answers: &["ok cool", "be there in 15", "nah tomorrow's fine", "ty!!"],
    },
    Persona {
        name: "Hannah Weiss",
        number: "+493023125105",
        habit: Habit::Chatty,
        history: &[
            Them("Guten Tag, ich bin nächste Woche in der Stadt. Kann ich bei Ihnen ein Trekkingrad mieten?"),
            Us("Hi Hannah! Yes, $28 a day. How tall are you?"),
            Them("1,72 m. Von Dienstag bis Freitag, bitte."),
            Us("Reserved: Fernway Tourer, size M, Tuesday 9 am."),
        ],
        openings: &[
            "Guten Morgen! Der Hinterreifen verliert über Nacht Luft. Soll ich vorbeikommen?",
            "Gibt es bei Ihnen auch Kartenmaterial für den Küstenweg?",
        ],
        answers: &["Super, ich bin in einer halben Stunde da.", "Vielen Dank für die schnelle Hilfe!"],
    },
    Persona {
        name: "Luc Moreau",
        number: "+14155550106",
        habit: Habit::Chatty,
        history: &[
            Them("Bonjour, is the group ride still on this Sunday?"),
            Us("Bonjour Luc! Yes, 8:30 in front of the shop. 40 miles, café stop included."),
            Them("Parfait, I bring croissants"),
        ],
        openings: &[
            "Bonjour! How many are we on Sunday? I must know for the croissants 🥐",
            "Is the ride too hard for a beginner? My neighbour would like to come.",
        ],
        answers: &["Très bien. Two dozen then!", "Merci, I tell him", "À dimanche!"],
    },
    Persona {
        name: "Grace Kim",
        number: "+14155550107",
        habit: Habit::Chatty,
        history: &[
            Them("Hi, I have an e-bike that shows error E010. Do you repair motors?"),
            Us("Hi Grace, E010 is usually the speed sensor. Bring it by, we can read it out in five minutes."),
            Them("That's a relief. Tuesday?"),
            Us("Tuesday works."),
            Them("It was the magnet on the spoke! Runs like new."),
        ],
        openings: &[
            "Hi again, it's the e-bike person. Battery only shows 3 of 5 bars after charging all night. Normal in the cold?",
            "Do you store batteries over the winter?",
        ],
        answers: &["About 4 years old I think", "OK, I'll bring the charger too", "Thank you so much"],
    },
    Persona {
        name: "Samuel Adeyemi",
        number: "+14155550108",
        habit: Habit::Chatty,
        history: &[
            Them("Good afternoon. I ordered a saddle on the 3rd, order 20418. Has it arrived?"),
            Us("Good afternoon, Mr Adeyemi. It comes on Friday; we will text you."),
            Us("Your saddle is here. We keep it at the front desk."),
            Them("Excellent service. Thank you."),
        ],
        openings: &[
            "Good morning. I would like to order two inner tubes, 28 inch, long valve. Do you have them in stock?",
            "Could you kindly send me the invoice for order 20418 once more?",
        ],
        answers: &["Very good. I will collect them this afternoon.", "Much obliged."],
    },
    Persona {
        name: "Zoe Papadakis",
        number: "+14155550109",
        habit: Habit::Chatty,
        history: &[
            Them("omg you found my helmet!!!"),
            Us("We did! It was under the bench. Pick it up whenever you like."),
            Them("❤️❤️❤️"),
        ],
        openings: &[
            "do you have bells that look like tiny hamburgers 🍔🔔 asking for a friend",
            "the hamburger bell is a SUCCESS. my whole office wants one",
            "can i book a fitting? knees hurt after long rides 😩",
        ],
        answers: &["yesss", "saturday!! 11?", "you're legends 🫶"],
    },
    Persona {
        name: "Aisha Rahman",
        number: "+14155550110",
        habit: Habit::Chatty,
        history: &[
            Them("Hello, could you quote me for servicing 12 company bikes?"),
            Us("Hello Aisha, for 12 bikes we charge $55 each and collect them ourselves."),
            Them("That works for us. I'll get back with dates."),
        ],
        openings: &[
            "Hi, following up on the 12 company bikes: would the week of the 9th work for the collection?",
            "One more question from our facilities team: do you invoice per bike or in one go?",
        ],
        answers: &[
            "Monday between 8 and 10 is best, the gate is open then.",
            "Wonderful. Please send it to accounts@brightwater.example",
            "Thanks, have a good day!",
        ],
    },
];
