"""Procedural scenes: a landscape, and a few shapes of which one is clearly the largest."""

from collections import namedtuple

import numpy as np

WIDTH, HEIGHT, PATCH = 192, 160, 16
ROWS, COLS = HEIGHT // PATCH, WIDTH // PATCH
KINDS = ["circle", "square", "triangle", "star"]
PAINTS = {
    "red": (0.84, 0.22, 0.20), "yellow": (0.98, 0.78, 0.20), "blue": (0.18, 0.42, 0.82),
    "purple": (0.52, 0.27, 0.66), "white": (0.97, 0.96, 0.93), "black": (0.14, 0.15, 0.19)}
NAMES = list(PAINTS)
# sky above, sky at the horizon, ground at the horizon, ground below
LANDS = np.array([
    [(0.45, 0.67, 0.90), (0.88, 0.94, 0.97), (0.68, 0.79, 0.50), (0.33, 0.53, 0.33)],
    [(0.44, 0.45, 0.68), (0.98, 0.80, 0.66), (0.64, 0.58, 0.50), (0.36, 0.36, 0.37)],
    [(0.56, 0.79, 0.86), (0.96, 0.95, 0.88), (0.93, 0.84, 0.65), (0.76, 0.60, 0.41)]])
MOST = 5

# arrays of [scenes, MOST], the largest shape first; an absent shape has radius 0
Scenes = namedtuple("Scenes", "kind x y radius angle paint land horizon phase")


def place_shapes(chance):
    """Positions and radii of 3 to 5 shapes that do not touch, the largest first."""
    while True:
        big = chance.uniform(25, 34)
        radii = [big] + [chance.uniform(0.38, 0.66) * big for _ in range(chance.integers(2, MOST))]
        found = []
        for radius in radii:
            for _ in range(40):
                x = chance.uniform(1.25 * radius, WIDTH - 1.25 * radius)
                y = chance.uniform(1.25 * radius, HEIGHT - 1.25 * radius)
                if all(np.hypot(x - a, y - b) > radius + r + 5 for a, b, r in found):
                    found.append((x, y, radius))
                    break
        if len(found) == len(radii):
            return found + [(0.0, 0.0, 0.0)] * (MOST - len(found))


def random_scenes(count, chance):
    """Parameters of `count` scenes; the paints within a scene all differ."""
    places = np.array([place_shapes(chance) for _ in range(count)])
    paints = np.array([chance.permutation(len(NAMES))[:MOST] for _ in range(count)])
    shape = (count, MOST)
    return Scenes(chance.integers(0, len(KINDS), shape), places[..., 0], places[..., 1],
                  places[..., 2], chance.uniform(-0.5, 0.5, shape), paints,
                  chance.integers(0, len(LANDS), count), chance.uniform(0.3, 0.6, count),
                  chance.uniform(0, 6.28, count))


def distance(kind, dx, dy, radius):
    """Signed distance (about) from the outline of a shape of equal area; inside is negative."""
    away = np.hypot(dx, dy)
    square = np.maximum(abs(dx), abs(dy)) - 0.88 * radius
    triangle = np.maximum(dy, 0.866 * abs(dx) - 0.5 * dy) - 0.72 * radius
    turn = np.arctan2(dx, -dy)
    star = away - radius * (0.94 + 0.26 * np.cos(5 * turn))
    return np.choose(kind, [away - radius, square, triangle, star])


def background(scenes, x, y):
    """Sky and ground with a rolling horizon, [scenes, height, width, 3]."""
    land = LANDS[scenes.land][:, :, None, None, :]
    phase = scenes.phase[:, None, None]
    hills = 0.030 * np.sin(x / 31 + phase) + 0.014 * np.sin(x / 13 + 2 * phase)
    line = scenes.horizon[:, None, None] + hills
    height = y / HEIGHT
    up = np.clip(height / line, 0, 1)[..., None]
    down = np.clip((height - line) / (1 - line), 0, 1)[..., None]
    sky = land[:, 0] * (1 - up) + land[:, 1] * up
    ground = land[:, 2] * (1 - down) + land[:, 3] * down
    edge = np.clip((height - line) * HEIGHT + 0.5, 0, 1)[..., None]
    return sky * (1 - edge) + ground * edge


def draw(scenes, step, chance):
    """Pictures [scenes, HEIGHT / step, WIDTH / step, 3] in 0…1 and the largest shape's cover."""
    y, x = np.mgrid[0:HEIGHT:step, 0:WIDTH:step] + (step - 1) / 2
    picture = background(scenes, x, y)
    picture += chance.normal(0, 0.012, picture.shape[:3])[..., None]
    cover = None
    for i in range(MOST):
        kind, left, top, radius, angle, paint = (
            np.asarray(field[:, i])[:, None, None] for field in scenes[:6])
        there = radius > 0
        dx, dy = x - left, y - top
        c, s = np.cos(angle), np.sin(angle)

        def outline(dx, dy):
            return distance(kind, c * dx + s * dy, c * dy - s * dx, radius)

        shadow = there * 0.30 * np.clip(0.6 - outline(dx - 3, dy - 5) / 9, 0, 1)
        picture *= 1 - shadow[..., None]
        inside = there * np.clip(0.5 - outline(dx, dy) / step, 0, 1)
        light = 1 - 0.16 * (dx + 1.4 * dy) / np.maximum(radius, 1) / 1.7
        colour = np.array(list(PAINTS.values()))[paint] * light[..., None]
        picture += inside[..., None] * (colour - picture)
        if i == 0:
            cover = inside
    return np.clip(picture, 0, 1), cover


def patches(picture):
    """[scenes, h, w, …] to [scenes, ROWS × COLS, values], row by row."""
    count, height, width = picture.shape[:3]
    h, w = height // ROWS, width // COLS
    cells = picture.reshape(count, ROWS, h, COLS, w, -1).transpose(0, 1, 3, 2, 4, 5)
    return cells.reshape(count, ROWS * COLS, -1)
