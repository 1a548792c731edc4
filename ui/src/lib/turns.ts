// One after the other: tasks that must not overtake each other, because a later answer must win over an earlier one.

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `task` when all tasks before it are done, however they ended. A task must not take a turn of its own queue. */
  take<Answer>(task: () => Promise<Answer>): Promise<Answer> {
    const turn = this.#last.then(task, task);
    this.#last = turn;
    return turn;
  }
}
