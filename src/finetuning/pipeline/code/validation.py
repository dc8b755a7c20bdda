"""How good the model is by now, on examples that it does not learn from."""
from examples import load
from model import answers_of, mean_loss
from said import log, log_table

# Examples whose answers are shown while it learns.
SAMPLES = 3


class Validation:
    def __init__(self, file, tokenizer, encoded, device):
        self.rows = load(file)
        self.pairs = [encoded(each) for each in self.rows]
        self.tokenizer = tokenizer
        self.device = device
        self.longest_answer = min(96, max(len(answer) for _, answer in self.pairs) + 8)

    def loss(self, model, step):
        measured = mean_loss(model, self.pairs, self.tokenizer.pad_token_id, self.device)
        log({"valid_loss": measured}, step=step)
        return measured

    def show_answers(self, model, step, samples):
        """Adds what it answers by now to what it has answered before, and logs all of it."""
        questions = [question for question, _ in self.pairs[:SAMPLES]]
        told = answers_of(model, self.tokenizer, questions, self.device, limit=self.longest_answer)
        samples += [[step, row[-2]["content"], row[-1]["content"], text] for row, text in zip(self.rows, told)]
        log_table("samples.json", ["step", "question", "wanted", "answer"], samples)
