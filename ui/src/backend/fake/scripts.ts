// What people and the workshop said to each other. A line is who spoke, how many minutes after the line before, and what.

/** `in`: the contact; `me`: the agent at this desktop; `team`: a teammate. */
export type Line = readonly [who: "in" | "me" | "team", minutes: number, text: string];

export const scripts: Readonly<Record<string, readonly Line[]>> = {
  pickup: [
    ["in", 0, "Hi, I dropped off a blue Kona on Tuesday. Any idea when it will be ready?"],
    [
      "team",
      6,
      "Hi! It is on the stand right now. The rear derailleur hanger was bent, we straightened it and are indexing the gears.",
    ],
    ["in", 4, "Oh, I wondered why it kept skipping."],
    ["in", 1, "Is that included in the tune-up?"],
    ["me", 3, "It is. Nothing on top of the $95 we agreed on."],
    ["in", 2, "Perfect, thank you!"],
    ["me", 1380, "Good morning! Your Kona is ready. We are here until 6 pm today."],
    ["in", 12, "Great news. I can come by around 5:30, is that ok?"],
    ["me", 2, "5:30 works. Just bring the ticket or tell us your name."],
    ["in", 31, "Running a few minutes late, traffic on the bridge"],
    ["in", 1, "I will make it before 6 though!"],
  ],
  rental: [
    ["in", 0, "Hello! Do you rent e-bikes by the day?"],
    ["me", 5, "We do: $70 a day, $120 for a weekend, helmet and lock included."],
    ["in", 8, "Nice. We would be four adults, this Saturday from 9."],
    ["me", 4, "Four are free on Saturday. Two medium and two large frames?"],
    ["in", 3, "Yes please"],
    ["me", 2, "Reserved under your name. Please bring an ID and a card for the deposit."],
    ["in", 1, "Will do. Do you also have child seats?"],
    ["team", 15, "One rear seat, up to 22 kg, for $10. Shall we add it?"],
    ["in", 2, "Yes! And where do we find the helmets when we get there?"],
  ],
  brakes: [
    ["in", 0, "My front brake squeals like mad since the rain last week. Is that dangerous?"],
    ["me", 9, "Usually not, mostly dirt or a glazed pad. Does it still stop as well as before?"],
    ["in", 5, "I think so, maybe a bit longer than before"],
    [
      "me",
      2,
      "Then please bring it in before you ride downhill. We can look at it while you wait, no charge for looking.",
    ],
    ["in", 7, "Tomorrow at 10?"],
    ["me", 1, "Tomorrow at 10 it is."],
    ["in", 1450, "You were right, pads were gone. Thanks for the quick fix!"],
    ["me", 20, "Glad you came in. Ride safe!"],
  ],
  wheel: [
    ["in", 0, "Can you true a wheel today? It rubs on the frame after I hit a pothole."],
    ["team", 11, "We can, if no spoke is broken. Could you count them, or send a picture?"],
    ["in", 6, "All there. Just wobbly."],
    ["team", 2, "Bring it before 3 and you have it back at 5. $25."],
    ["in", 1, "On my way"],
    ["team", 4, "See you in a bit. Just lean it on the blue stand."],
  ],
  hours: [
    ["in", 0, "Are you open on Sunday?"],
    ["me", 14, "Sundays from 11 to 4. The workshop is closed, but the shop and rentals are open."],
    ["in", 3, "And on Thanksgiving?"],
  ],
  photo: [
    ["in", 0, "This is what the crank looks like. Can it be saved?"],
    ["me", 10, "The thread is stripped, I am afraid. A new crank arm is $48 and we have one here."],
    ["in", 4, "Ok let’s do it"],
    ["me", 1, "Ordered for your bike. It takes about an hour once you are here."],
    ["in", 90, "Coming on Friday after work then."],
    ["me", 3, "See you on Friday."],
  ],
  fleet: [
    ["in", 0, "Hello, we have eleven cargo bikes that need their winter service. Do you take fleets?"],
    ["me", 25, "We do. With eleven bikes we would come to you for two days. When would suit you?"],
    [
      "in",
      40,
      "First week of December. I will send you the list with frame numbers: https://coop.example.com/fleet/2026/winter-service-list-with-a-very-long-name-that-does-not-break?sheet=frames&view=all",
    ],
    ["me", 5, "Got it, thank you. You get an offer by tomorrow noon."],
  ],
  word: [
    ["in", 0, "Your parcel 00340434161094042557 was handed over at the front desk. Reply is not possible."],
    ["in", 2900, "A parcel from SPOKE SUPPLY CO arrives tomorrow between 9 and 12."],
  ],
  code: [
    ["in", 0, "Your verification code is 481 209. It is valid for 10 minutes."],
    ["in", 4320, "Your statement for October is ready."],
  ],
  optedout: [
    [
      "team",
      0,
      "Hi Dolores, your winter check is due. Reply to this text to book, or STOP if you want no more of these.",
    ],
    ["in", 220, "Thank you, I sold the bike in spring."],
    ["in", 1, "STOP"],
  ],
  rtl: [
    ["in", 0, "مرحبا، هل يمكنكم إصلاح الدراجة قبل يوم الجمعة؟"],
    ["me", 6, "أهلاً ليلى! نعم، تكون جاهزة يوم الخميس مساءً."],
    ["in", 3, "ممتاز! رقم الدراجة هو KN-4471 والموديل Kona Rove."],
    ["in", 1, "شكراً جزيلاً 🙏"],
  ],
  hebrew: [
    ["in", 0, "שלום, אתם פתוחים ביום ראשון?"],
    ["me", 8, "כן, מ-11:00 עד 16:00. נשמח לראותך!"],
    ["in", 2, "תודה רבה, אגיע ב-12:30 עם האופניים של הילד (24 אינץ')."],
  ],
  emoji: [
    ["in", 0, "Just picked up my bike 😍"],
    ["in", 1, "🚲"],
    ["me", 4, "Enjoy the first ride! 🎉 Remember to check the tyre pressure after a week."],
    ["in", 2, "Will do 👍🏽 You lot are the best 👩🏾‍🔧👨‍👩‍👧‍👦🏳️‍🌈"],
    ["in", 1, "❤️"],
    ["in", 1, "one question though: is the saddle supposed to creak? 🤔"],
  ],
  failed: [
    ["in", 0, "Hey, is the gravel bike from the window still there?"],
    ["me", 7, "It is! Size 56, $1,450. Shall we keep it for you until Saturday?"],
    ["in", 12, "Yes please! I will come on Saturday morning"],
    ["me", 2, "Kept. We open at 9."],
    ["me", 0, "Please bring your old bike if you want us to move the rack and the mudguards over."],
  ],
  unknown: [
    ["in", 0, "Did the new tyres arrive?"],
    ["me", 5, "They did, an hour ago. Shall we fit them today?"],
    ["in", 2, "Yes, go ahead. What will it cost with the tubes?"],
    ["me", 3, "$86 with both tubes and fitting."],
  ],
  parked: [
    ["in", 0, "Could you quote a full overhaul for my touring bike? It has 14,000 km on it."],
    ["me", 9, "Happy to. Could you tell us the make and the year?"],
    ["in", 3, "Surly Long Haul Trucker, 2014"],
    ["me", 6, "Lovely bike. A full overhaul is $340 plus parts, about four days."],
  ],
};

/** Answers of people who are texted while the fake runs. */
export const answers = [
  "Great, thank you!",
  "Perfect, see you then.",
  "Thanks for the quick answer 🙂",
  "Ok! Is there parking in front of the shop?",
  "Sounds good. I’ll be there.",
  "Let me check with my partner and get back to you.",
  "👍",
] as const;

/** Texts of people who write by themselves while the fake runs. */
export const openers = [
  "Hi! Do you have 28 inch tubes in stock?",
  "Is my bike ready yet?",
  "How long is the wait for a tune-up at the moment?",
  "My chain came off again, can I come by today?",
  "Do you buy used bikes?",
] as const;

/** Small talk for a thread that has run for years. */
export const chatter = [
  "Morning! Is the workshop open?",
  "Yes, come in whenever you like.",
  "Do you still have the 11-speed chain?",
  "We do, $38. Shall we put one aside?",
  "Please!",
  "Done, it is at the counter with your name on it.",
  "Thanks, see you later",
  "Your bike is ready.",
  "That was quick! I’ll come after work.",
  "Any time before 6.",
  "Could you have a look at the bottom bracket as well? It makes a clicking sound, but only when I stand up and push hard on the left pedal.",
  "Will do. If it is the bearing, a new one is $32, and we have it here. We will call before we do anything that costs more than that.",
  "ok",
  "Sounds good",
  "👍",
] as const;

/** Forty lines in one text. */
export const fortyLines = [
  "Here is the whole list for the spring tour, so that you can order in one go:",
  ...Array.from(
    { length: 38 },
    (_, i) =>
      `${i + 1}. bike ${100 + i}: ${i % 3 === 0 ? "chain and cassette" : i % 3 === 1 ? "brake pads, both sides" : "tyres 42-622 and tubes"}`,
  ),
  "Tell me if anything is not in stock. Greta",
].join("\n");
