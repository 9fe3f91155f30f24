"""Tests of the images layer: a package, so that the pool's children can import `children`."""
