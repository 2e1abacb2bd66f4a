"""Starts a pool of workers."""

import multiprocessing


def attack(target):
    with multiprocessing.get_context("fork").Pool(1) as pool:
        pool.map(abs, [-1])
