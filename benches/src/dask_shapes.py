"""The shapes in Dask, as a user writes them with dask.delayed, on its threads.

    python3 dask_shapes.py <fan|chain|tree|wave> <size> <threads> <times>

Prints seconds for building and computing, once for each time.
"""

import sys
import time

import dask

MASK = (1 << 64) - 1


@dask.delayed(pure=False)
def leaf(i):
    x = (i * 0x9E3779B97F4A7C15) & MASK
    return ((x << 23) | (x >> 41)) & MASK


@dask.delayed(pure=False)
def step(x):
    return (x * 0x5851F42D4C957F2D + 1) & MASK


@dask.delayed(pure=False)
def pair(a, b):
    return (a * 3 + b) & MASK


@dask.delayed(pure=False)
def join(values):
    total = 0
    for value in values:
        total = (total * 31 + value) & MASK
    return total


def build(shape, size):
    if shape == "fan":
        return join([leaf(i) for i in range(size)])
    if shape == "chain":
        x = leaf(0)
        for _ in range(1, size):
            x = step(x)
        return x
    if shape == "tree":
        level = [leaf(i) for i in range(size)]
        while len(level) > 1:
            level = [pair(a, b) for a, b in zip(level[::2], level[1::2])]
        return level[0]
    row = [0] * size
    for i in range(size):
        left = leaf(i)
        for j in range(size):
            left = row[j] = pair(left, row[j])
    return row[-1]


def main():
    shape, size, threads, times = sys.argv[1], *map(int, sys.argv[2:5])
    for _ in range(times):
        start = time.perf_counter()
        value = build(shape, size).compute(scheduler="threads", num_workers=threads)
        print(time.perf_counter() - start, value)


main()
