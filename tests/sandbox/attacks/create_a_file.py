"""Leaves a file for the next student, or a result for the grader to find."""


def attack(target):
    with open(target["folder"] + "/results.json", "w") as file:
        file.write('{"score": 100}')
