// Runs in the page, asked by `page.rs`. Times are milliseconds of the page's own clock, from the moment before the event to the moment in
// which the page has what it should, and on to the frame that shows it.
const [what, times, answer] = arguments;

/** More than lies between two rows, in pixels, and less than a row. */
const GAP = 24;

const one = (selector) => document.querySelector(selector);
const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
const quiet = async () => {
  for (let left = 4; left > 0; left -= 1) await frame();
};

/** When the page has it: at once, or after some change of it. */
function when(probe) {
  return new Promise((resolve, reject) => {
    const failed = setTimeout(() => reject(new Error(`waited in vain for ${probe}`)), 10_000);
    const look = () => {
      if (!probe()) return false;
      clearTimeout(failed);
      watcher.disconnect();
      resolve(performance.now());
      return true;
    };
    const watcher = new MutationObserver(look);
    watcher.observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
    look();
  });
}

async function timed(act, probe) {
  await quiet();
  const begin = performance.now();
  act();
  const there = await when(probe);
  const shown = await frame();
  return [there - begin, shown - begin];
}

const row = (id) => one(`[data-testid=conversation][data-contact-id="${id}"]`);
const isOpen = (id) => one(`[data-testid=thread][data-contact-id="${id}"] [data-testid=message]`) !== null;

async function enter() {
  const done = [];
  for (let number = 0; number < times; number += 1) {
    const text = `measured ${number}`;
    const composer = one("[data-testid=composer]");
    composer.focus();
    composer.value = text;
    composer.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText", data: text }));
    const press = () =>
      composer.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    const has = () => [...document.querySelectorAll("[data-testid=message]")].at(-1)?.innerText.includes(text) ?? false;
    done.push(await timed(press, has));
  }
  return done;
}

/** Opens the conversation that is on top, and answers in it. */
async function answerOne() {
  const list = one("[data-testid=conversation-list]");
  if (list !== null) list.scrollTop = 0;
  await when(() => one("[data-testid=conversation]") !== null);
  const id = one("[data-testid=conversation]").dataset.contactId;
  if (!isOpen(id)) row(id).click();
  await when(() => isOpen(id) && one("[data-testid=composer]") !== null);
  return enter();
}

/** Between the longest conversation and the ones around it. */
async function change(longest) {
  // A text was just written in it.
  one("[data-testid=conversation-list]").scrollTop = 0;
  await quiet();
  const others = [...document.querySelectorAll("[data-testid=conversation]")]
    .map((found) => found.dataset.contactId)
    .filter((id) => id !== longest)
    // Of those that are in sight: a row that has to be scrolled to takes the first one out of it.
    .slice(0, 3);
  const done = [];
  for (let number = 0; number < times; number += 1) {
    const other = others[number % others.length];
    await timed(
      () => row(other).click(),
      () => isOpen(other),
    );
    done.push(
      await timed(
        () => row(longest).click(),
        () => isOpen(longest),
      ),
    );
  }
  return done;
}

/**
 * Whether a frame shows nothing where there should be rows, at one of three places from top to bottom. By where the rows are, since the
 * list takes no clicks while it moves.
 */
function isBlank(scroller, item) {
  const { top, height } = scroller.getBoundingClientRect();
  const rows = [...scroller.querySelectorAll(item)].map((row) => row.getBoundingClientRect());
  return [0.15, 0.5, 0.85].some((share) => {
    const middle = top + height * share;
    return !rows.some((row) => row.top < middle + GAP && row.bottom > middle - GAP);
  });
}

async function scroll(selector, item, step) {
  const scroller = one(selector);
  let blank = 0;
  const frames = [];
  let before = await frame();
  for (let number = 0; number < times; number += 1) {
    scroller.scrollTop += step;
    const now = await frame();
    frames.push([now - before, now - before]);
    before = now;
    if (isBlank(scroller, item)) blank += 1;
  }
  return { frames, blank };
}

const doing = {
  enter,
  answer: answerOne,
  change: () => change(window.longest),
  thread: () => scroll("[data-testid=thread]", "[role=listitem]", -240),
  list: () => scroll("[data-testid=conversation-list]", "[data-testid=conversation]", 240),
};
doing[what]().then(answer, (error) => answer({ error: String(error) }));
