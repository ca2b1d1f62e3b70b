"""How far a proof is, and how much time is left, as lines for a person."""

import sys
import time

EVERY_S = 15


def in_words(seconds):
    """Return a time in words."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


class Progress:
    """What a stage has done of what it has to do; shown every few seconds."""

    def __init__(self, stage, total, done=0, *, clock=time.monotonic, out=None):
        self.stage, self.total, self.done, self.clock = stage, total, done, clock
        self.before, self.begun, self.shown = done, clock(), clock()
        self.out = out or sys.stderr
        if done:
            self.say(f"{done} of {total} were done by an earlier run")

    def step(self, count=1):
        self.done += count
        if self.clock() - self.shown >= EVERY_S:
            self.show()

    def reach(self, done):
        """Say that so many are done in all."""
        self.step(done - self.done)

    def show(self):
        self.shown = self.clock()
        self.say(f"{self.done} of {self.total}{self.left()}")

    def left(self):
        """Return in words how long the rest will take at the speed of this run."""
        done = self.done - self.before
        if not done:
            return ""
        seconds = (self.clock() - self.begun) / done * (self.total - self.done)
        return f", about {in_words(seconds)} left"

    def say(self, text):
        print(f"{self.stage}: {text}", file=self.out, flush=True)
