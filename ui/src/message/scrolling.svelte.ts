// Where a thread stands in its box, and what keeps it there: it opens at the text that was searched, at the first unread one, else at the
// newest; and while the newest text is in sight it stays in sight, whatever changes a height.
//
// Made by Timeline.svelte with itself, since it has effects. Knows rows by their place alone, and draws nothing.

import { tick, untrack } from "svelte";
import type { VirtualizerHandle } from "virtua/svelte";
import type { Row } from "@/state/bubbles";
import type { Thread } from "@/state/thread.svelte";

/** Height of the line above the texts; the virtual list must know it. */
export const TOP = 40;
/** How far above and below what is in sight texts are laid out, in pixels, once the thread stands where it opens. */
const AROUND = 400;
/** Nearer to the end than this counts as at the end. */
const NEAR = 32;

const distance = (box: HTMLElement) => box.scrollHeight - box.scrollTop - box.clientHeight;

export class Scrolling {
  /** The box that scrolls, what is in it, and the list of the texts: Timeline.svelte says which they are. */
  scroller = $state<HTMLDivElement>();
  content = $state<HTMLDivElement>();
  virtualizer = $state<VirtualizerHandle>();
  /** Whether the newest text is in sight. */
  atNewest = $state(true);
  /** Nothing around what is in sight until that has been painted: it is all that whoever opens a conversation waits for. */
  around = $state(0);
  /** Where the last scroll event found things: a thread that only grew has not been scrolled by anybody. */
  #last = { top: 0, height: 0 };
  /** Whether the wheel, a finger, a key or the scroll bar moves the thread. */
  #handMoves = false;
  /** Whether the thread stands where it opens; before that, no height says anything about what is in sight. */
  #placed = false;
  readonly #ofThread: () => Thread;
  readonly #ofRows: () => readonly Row[];

  constructor(thread: () => Thread, rows: () => readonly Row[]) {
    this.#ofThread = thread;
    this.#ofRows = rows;
    $effect(() => this.#open());
    // The agent has written: whatever was read, the own text comes into sight.
    $effect(() => {
      if (this.#thread.showNewest > 0) void tick().then(() => this.toNewest());
    });
    $effect(() => this.#watchHands());
    $effect(() => this.#watchHeights());
  }

  get #thread(): Thread {
    return this.#ofThread();
  }

  toNewest(): void {
    const { scroller } = this;
    if (!scroller) return;
    if (!this.#thread.reachesNewest) {
      // Comes back here when the newest are loaded.
      void this.#thread.jumpToNewest();
      return;
    }
    scroller.scrollTop = scroller.scrollHeight;
    this.#last = { top: scroller.scrollTop, height: scroller.scrollHeight };
    this.#settle(true);
  }

  /** The box was scrolled, by whomever. */
  scrolled(): void {
    if (!this.scroller || !this.#placed) return;
    const { scrollTop: top, scrollHeight: height } = this.scroller;
    if (this.#atEnd(this.scroller)) {
      this.#handMoves = false;
      this.#settle(true);
    } else if (top < this.#last.top - 1 && (this.#handMoves || height === this.#last.height)) {
      this.#settle(false);
    }
    this.#last = { top, height };
  }

  /** Called by the virtual list, once it knows of the scroll itself: else it would put the older page elsewhere. */
  loadIfNear(): void {
    const { scroller } = this;
    const thread = this.#thread;
    if (!scroller || !this.#placed || thread.phase !== "ready" || thread.failure !== null) return;
    if (scroller.scrollTop < scroller.clientHeight) void thread.loadOlder();
    if (distance(scroller) < scroller.clientHeight) void thread.loadNewer();
  }

  /** Where the thread opens: at the text that was searched, at the first unread one, else at the newest. */
  #open(): void {
    const thread = this.#thread;
    if (thread.phase !== "ready" || !this.virtualizer || !this.scroller) return;
    const handle = this.virtualizer;
    untrack(() => {
      const rows = this.#ofRows();
      const found = rows.findIndex((row) => (row.kind === "note" ? row.note : row.message).id === thread.at);
      const first = found === -1 ? rows.findIndex((row) => row.kind === "text" && row.startsUnread) : found;
      requestAnimationFrame(() => requestAnimationFrame(() => (this.around = AROUND)));
      if (first === -1) {
        this.#placed = true;
        this.toNewest();
        return;
      }
      this.#settle(false);
      void tick().then(() => {
        if (found === -1) handle.scrollToIndex(first, { align: "start", offset: -TOP });
        else handle.scrollToIndex(first, { align: "center" });
        // Two frames: one to lay out what was guessed, one for what was measured.
        requestAnimationFrame(() => requestAnimationFrame(() => this.#settlePlaced()));
      });
    });
  }

  /** A hand on the thread, be it on the wheel, the screen, the keys or the scroll bar. */
  #watchHands(): (() => void) | undefined {
    const box = this.scroller;
    if (!box) return undefined;
    const moves = (event: Event) => {
      this.#handMoves = event.type !== "pointerdown" || event.target === box;
    };
    const kinds = ["wheel", "touchmove", "keydown", "pointerdown"] as const;
    for (const kind of kinds) box.addEventListener(kind, moves, { passive: true });
    return () => {
      for (const kind of kinds) box.removeEventListener(kind, moves);
    };
  }

  /** Anything that changes a height (a text, a failure, the window, the composer) leaves the newest in sight. */
  #watchHeights(): (() => void) | undefined {
    const box = this.scroller;
    const inner = this.content;
    if (!box || !inner) return undefined;
    const observer = new ResizeObserver(() => {
      if (!this.#placed) return;
      if (this.atNewest) this.toNewest();
      else if (this.#atEnd(box)) this.#settle(true);
      this.loadIfNear();
    });
    observer.observe(box);
    observer.observe(inner);
    return () => observer.disconnect();
  }

  #atEnd(box: HTMLElement): boolean {
    return this.#thread.reachesNewest && distance(box) < NEAR;
  }

  #settle(isAtNewest: boolean): void {
    this.atNewest = isAtNewest;
    this.#thread.setAtNewest(isAtNewest);
  }

  #settlePlaced(): void {
    this.#placed = true;
    if (this.scroller) this.#settle(this.#atEnd(this.scroller));
    this.loadIfNear();
  }
}
