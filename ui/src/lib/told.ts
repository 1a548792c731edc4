// A value that events tell and that is asked for now and then.
//
// An answer that was on its way while an event told a newer value is dropped: the event came later.

export class Told<T> {
  #heard = 0;
  readonly #set: (value: T) => void;

  constructor(set: (value: T) => void) {
    this.#set = set;
  }

  tell(value: T): void {
    this.#heard += 1;
    this.#set(value);
  }

  async ask(question: () => Promise<T>): Promise<void> {
    const heard = this.#heard;
    const answer = await question();
    if (heard === this.#heard) this.#set(answer);
  }
}
