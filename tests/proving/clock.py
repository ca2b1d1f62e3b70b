"""How long a proof takes, and how much of it the client's own starts take."""

import threading
import time

BAR = 1.5
"""A whole proof may take this many times what the client's own starts take."""
KEPT_EVERY_S = 10
"""So that a run that is killed has counted nearly all of its time."""


class Clock:
    """Adds up over the runs of one proof."""

    def __init__(self, state, jobs, now=time.monotonic):
        self.state, self.jobs, self.now, self.turn = state, jobs, now, threading.Lock()
        kept = state.read("time", {"whole_s": 0.0, "client_s": 0.0, "stages": {}})
        self.whole_s, self.client_s = kept["whole_s"], kept["client_s"]
        self.stages = kept["stages"]
        """By stage the whole time, and that of the client's starts."""
        self.counted_s = self.client_s
        self.marked = now()

    def add(self, seconds):
        """Add the time that starts of the client took, each by itself."""
        with self.turn:
            self.client_s += seconds

    def mark(self, stage):
        """Take down what has passed since the last mark as the time of a stage."""
        passed = self.now() - self.marked
        self.marked += passed
        self.whole_s += passed
        started, self.counted_s = self.client_s - self.counted_s, self.client_s
        before = self.stages.get(stage, [0.0, 0.0])
        self.stages[stage] = [before[0] + passed, before[1] + started]
        self.state.write(
            "time",
            {"whole_s": self.whole_s, "client_s": self.client_s, "stages": self.stages},
        )

    def tick(self, stage):
        """Take down what has passed, where that is enough."""
        if self.now() - self.marked > KEPT_EVERY_S:
            self.mark(stage)

    @property
    def ratio(self):
        """The whole time to that of the client's starts, as many at once as there were."""
        alone = self.client_s / self.jobs
        return self.whole_s / alone if alone else float("inf")
