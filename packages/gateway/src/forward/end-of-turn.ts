/** Something to do when everything that came in this turn of the event loop has been read. */
export interface TurnTask {
  endOfTurn(): void;
}

/** Does what is to be done at the end of a turn in one go: an immediate of its own for each costs more than what most have to do. */
export class EndOfTurn {
  private tasks: TurnTask[] = [];

  add(task: TurnTask): void {
    if (this.tasks.push(task) === 1) setImmediate(this.run);
  }

  private readonly run = (): void => {
    const { tasks } = this;
    this.tasks = [];
    for (const task of tasks) task.endOfTurn();
  };
}
