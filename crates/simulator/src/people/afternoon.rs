//! Ten people of many scripts and habits: right-to-left, short of words, with STOP, and some who only answer.

use super::cast::{
    Habit,
    Line::{Them, Us},
    Persona,
};

/// Ten of the cast.
pub(super) const AFTERNOON: [Persona; 10] = [
    Persona {
        name: "נועה לוי",
        number: "+12125550111",
        habit: Habit::Chatty,
        history: &[
            Them("שלום, האם יש לכם אופניים לילדה בת שבע?"),
            Us("Shalom Noa! Yes, 20 inch, in red and in blue."),
            Them("אדום בבקשה 🙂"),
        ],
        openings: &["היי! אפשר לבוא היום אחרי ארבע?", "הגלגל הקדמי (20 אינץ') רועד קצת. זה מסוכן?"],
        answers: &["מעולה, תודה רבה!", "נהיה שם ב-16:30"],
    },
    Persona {
        name: "عمر الخطيب",
        number: "+12125550112",
        habit: Habit::Answers,
        history: &[
            Them("مرحبا، هل تصلحون الدراجات الكهربائية؟"),
            Us("Hello Omar, yes we do. Which brand is it?"),
            Them("فيرنواي، موديل ٢٠٢٤"),
        ],
        openings: &["السلام عليكم، متى تكون دراجتي جاهزة؟"],
        answers: &["شكرا جزيلا 🌹", "سأمر عليكم غدا الساعة 10:00 صباحا إن شاء الله"],
    },
    Persona {
        name: "王小梅",
        number: "+12125550113",
        habit: Habit::Answers,
        history: &[
            Them("你好，请问可以租两辆自行车吗？"),
            Us("Hello! Yes, two bikes are $50 a day. When would you like them?"),
            Them("周六上午，谢谢"),
        ],
        openings: &["你好，我们周六想多租一辆儿童车，可以吗？👨‍👩‍👧"],
        answers: &["孩子身高一米二", "太好了，周六见！"],
    },
    Persona {
        name: "Rob Castellano",
        number: "+12125550114",
        habit: Habit::Stops,
        history: &[
            Us("Spring sale! All helmets 20% off until Sunday. Reply STOP to unsubscribe."),
            Them("ok"),
            Us("Your loyalty card has 3 stamps left."),
        ],
        openings: &["who is this", "Is the sale still on?"],
        answers: &["ok but I get too many of these", "Just the one helmet then", "k"],
    },
    Persona {
        name: "Ingrid Solberg",
        number: "+12125550115",
        habit: Habit::Answers,
        history: &[
            Them("Hi, can you ship a wheel set to Norway?"),
            Us("Hi Ingrid, we can. Shipping is $74, about ten days."),
            Them("Let me think about it."),
        ],
        openings: &["I have decided: please ship the wheel set. How do I pay?"],
        answers: &["Card is fine. Ingrid Solberg, Storgata 5, 0155 Oslo", "Tusen takk!"],
    },
    Persona {
        name: "Marcus Hale",
        number: "+12125550116",
        habit: Habit::Answers,
        history: &[
            Them("My bike was stolen last night. Do you have the frame number on file?"),
            Us("Sorry to hear that, Marcus. It's FW-88213-T. We'll keep an eye out."),
            Them("Thanks. Police want it in writing, can you email it?"),
            Us("Sent."),
        ],
        openings: &["Someone just tried to sell my bike on a marketplace, same stickers and all. What do I do??"],
        answers: &[
            "Yes, frame number is visible in the 3rd photo. FW-88213-T!!",
            "Officer is on the phone now. Thank you, really.",
            "Got it back!! Chain is a mess but I don't care",
        ],
    },
    Persona {
        name: "Beatriz & João",
        number: "+12125550117",
        habit: Habit::Chatty,
        history: &[
            Them("Olá! Do you have tandems?"),
            Us("Olá! One tandem, $60 a day. You'd need to steer together :)"),
            Them("We have been married for 30 years, we manage 😉"),
        ],
        openings: &[
            "The tandem was a dream! João only complained twice. Can we leave a review somewhere?",
            "Olá, is the tandem free next weekend too?",
        ],
        answers: &["Five stars ⭐⭐⭐⭐⭐", "Obrigada!!", "João says he wants to sit in front this time. No."],
    },
    Persona {
        name: "Dr. Elena Petrova",
        number: "+12125550118",
        habit: Habit::Answers,
        history: &[
            Them("Здравствуйте! Нужен велокомпьютер с навигацией, что посоветуете?"),
            Us("Hello Dr. Petrova, the Wayfinder 2 is simple and lasts 20 hours."),
            Them("Спасибо, беру."),
        ],
        openings: &["Добрый день! Велокомпьютер не видит датчик каденса. Можно зайти сегодня?"],
        answers: &["Хорошо, буду в 18:00", "Заработало, спасибо! 🙏"],
    },
    Persona {
        name: "Kwame Mensah-Oppenheimer-Featherstonehaugh III",
        number: "+12125550119",
        habit: Habit::Answers,
        history: &[
            Them("Greetings. I should like a bicycle of the upright Dutch sort, in black."),
            Us("Greetings! The Fernway Grachten would suit you. Three or eight gears?"),
            Them("Eight. One never knows."),
        ],
        openings: &[
            "Might one have the bicycle delivered? I find myself without a means of conveyance to collect it, as it were.",
        ],
        answers: &["Splendid. Thursday, at three o'clock.", "Capital!"],
    },
    Persona {
        name: "Jules",
        number: "+12125550120",
        habit: Habit::Chatty,
        history: &[
            Them("?"),
            Us("Hi! How can we help?"),
            Them("wrong number sorry"),
            Them("wait is this the bike shop"),
        ],
        openings: &["open?", "parking?", "🚲❓"],
        answers: &["k", "👌", "lol"],
    },
];
