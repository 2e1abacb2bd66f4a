"""A class: from a roster and a folder of submissions to a gradebook, in parallel and resumable."""
