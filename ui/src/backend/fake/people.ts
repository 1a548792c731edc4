// Who texts the workshop "Northside Bikes": thirty people, some of them there to show one state of the window.

export interface Person {
  /** Names the person in URLs and tests. */
  slug: string;
  name: string;
  phone: string;
  /** Which conversation of scripts.ts they had, or a thread made by hand in threads.ts. */
  thread: string;
  /** When their newest text was, in minutes before the start. */
  minutesAgo: number;
  unread?: number;
  closed?: boolean;
  optedOut?: boolean;
  draft?: string;
}

const HOUR = 60;
const DAY = 24 * HOUR;

export const people: readonly Person[] = [
  {
    slug: "maya-lindqvist",
    name: "Maya Lindqvist",
    phone: "+12065550142",
    thread: "pickup",
    minutesAgo: 2,
    unread: 2,
  },
  { slug: "marcus-bell", name: "Marcus Bell", phone: "+12065550117", thread: "failed", minutesAgo: 9 },
  {
    slug: "layla-haddad",
    name: "ليلى حداد",
    phone: "+971505550198",
    thread: "rtl",
    minutesAgo: 14,
    unread: 1,
  },
  {
    slug: "joon-park",
    name: "Joon Park",
    phone: "+12065550109",
    thread: "rental",
    minutesAgo: 26,
    draft: "Hi Joon, the helmets are on the hook next to",
  },
  { slug: "tomas-rivera", name: "Tomás Rivera", phone: "+12065550161", thread: "unknown", minutesAgo: 31 },
  {
    slug: "pia-sommer",
    name: "Pia Sommer",
    phone: "+4915155501234",
    thread: "emoji",
    minutesAgo: 44,
    unread: 3,
  },
  { slug: "hannah-osei", name: "Hannah Osei", phone: "+12065550133", thread: "parked", minutesAgo: 52 },
  { slug: "sam-carter", name: "Sam Carter", phone: "+12065550188", thread: "history", minutesAgo: 75 },
  {
    slug: "dolores-whitfield",
    name: "Dolores Whitfield",
    phone: "+12065550170",
    thread: "optedout",
    minutesAgo: 96,
    optedOut: true,
  },
  {
    slug: "greta-lindholm",
    name: "Greta Lindholm",
    phone: "+46705550126",
    thread: "long",
    minutesAgo: 2 * HOUR + 5,
    unread: 1,
  },
  {
    slug: "unknown-1",
    name: "Unknown (+14255550181)",
    phone: "+14255550181",
    thread: "hours",
    minutesAgo: 2 * HOUR + 40,
    unread: 1,
  },
  {
    slug: "owen-fitzgerald",
    name: "Owen Fitzgerald",
    phone: "+12065550155",
    thread: "brakes",
    minutesAgo: 3 * HOUR,
  },
  { slug: "priya-raman", name: "Priya Raman", phone: "+12065550122", thread: "photo", minutesAgo: 4 * HOUR },
  {
    slug: "long-name",
    name: "Maximiliane Charlotte von Hohenberg-Schwarzenfels (Cargo Bike Cooperative, Fremont)",
    phone: "+12065550199",
    thread: "fleet",
    minutesAgo: 5 * HOUR,
  },
  {
    slug: "noa-friedman",
    name: "נועה פרידמן",
    phone: "+972545550117",
    thread: "hebrew",
    minutesAgo: 20 * HOUR,
  },
  {
    slug: "kwame-mensah",
    name: "Kwame Mensah",
    phone: "+12065550148",
    thread: "wheel",
    minutesAgo: 22 * HOUR,
  },
  {
    slug: "ines-moreau",
    name: "Inès Moreau",
    phone: "+33655501234",
    thread: "rental",
    minutesAgo: DAY + 2 * HOUR,
  },
  { slug: "parcelnow", name: "ParcelNow", phone: "ParcelNow", thread: "word", minutesAgo: DAY + 5 * HOUR },
  {
    slug: "diego-santos",
    name: "Diego Santos",
    phone: "+12065550113",
    thread: "pickup",
    minutesAgo: DAY + 9 * HOUR,
  },
  { slug: "short-code", name: "24273", phone: "24273", thread: "code", minutesAgo: 2 * DAY },
  {
    slug: "aiko-tanaka",
    name: "田中 愛子",
    phone: "+819055501234",
    thread: "wheel",
    minutesAgo: 2 * DAY + 3 * HOUR,
  },
  { slug: "lucas-weber", name: "Lucas Weber", phone: "+12065550164", thread: "brakes", minutesAgo: 3 * DAY },
  { slug: "amara-diallo", name: "Amara Diallo", phone: "+12065550137", thread: "hours", minutesAgo: 4 * DAY },
  { slug: "ben-thompson", name: "Ben Thompson", phone: "+12065550192", thread: "photo", minutesAgo: 5 * DAY },
  {
    slug: "sofia-rossi",
    name: "Sofia Rossi",
    phone: "+12065550106",
    thread: "rental",
    minutesAgo: 6 * DAY,
    closed: true,
  },
  {
    slug: "viktor-hale",
    name: "Viktor Hale",
    phone: "+12065550178",
    thread: "brakes",
    minutesAgo: 9 * DAY,
    closed: true,
  },
  {
    slug: "nadia-petrova",
    name: "Nadia Petrova",
    phone: "+12065550129",
    thread: "wheel",
    minutesAgo: 12 * DAY,
    closed: true,
  },
  {
    slug: "finn-odonnell",
    name: "Finn O’Donnell",
    phone: "+12065550151",
    thread: "pickup",
    minutesAgo: 17 * DAY,
    closed: true,
  },
  {
    slug: "grace-chen",
    name: "Grace Chen",
    phone: "+12065550184",
    thread: "hours",
    minutesAgo: 40 * DAY,
    closed: true,
  },
  {
    slug: "omar-nasser",
    name: "Omar Nasser",
    phone: "+12065550103",
    thread: "pickup",
    minutesAgo: 380 * DAY,
    closed: true,
  },
];

const first = [
  "Ada",
  "Bruno",
  "Clara",
  "Dmitri",
  "Elif",
  "Farah",
  "Gus",
  "Hana",
  "Ivo",
  "Jade",
  "Karim",
  "Lena",
] as const;
const last = [
  "Abbott",
  "Baker",
  "Costa",
  "Dahl",
  "Evans",
  "Fischer",
  "Gomez",
  "Hughes",
  "Ito",
  "Jensen",
] as const;

/** One more person, for windows with thousands of conversations. */
export function extraPerson(n: number): Person {
  const name = `${first[n % first.length] ?? ""} ${last[Math.floor(n / first.length) % last.length] ?? ""}`;
  const scripts = ["pickup", "rental", "brakes", "wheel", "hours", "photo"] as const;
  return {
    slug: `extra-${n}`,
    name,
    phone: `+1253${String(5_000_000 + n)}`,
    thread: scripts[n % scripts.length] ?? "hours",
    minutesAgo: 7 * DAY + n * 11,
  };
}
