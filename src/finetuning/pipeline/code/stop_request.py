"""The request to end, which a job gets when it is canceled."""
import os
import signal
import threading

from said import log_rest

# Seconds. The step under way may take longer than anyone wants to wait: then the last checkpoint has to do.
PATIENCE = 4


class StopRequest:
    def __init__(self):
        self.is_made = False
        signal.signal(signal.SIGTERM, self.take)

    def take(self, *_):
        self.is_made = True
        waiting = threading.Timer(PATIENCE, os._exit, (143,))
        waiting.daemon = True
        waiting.start()

    def follow(self, step, is_kept):
        """Ends the process, once what was learned is kept."""
        print(f"Ended by request after step {step}. Submitted again, it goes on from {'there' if is_kept else 'the checkpoint before'}.", flush=True)
        log_rest()
        os._exit(143)
