"""The cascade engine: stages, meshes, linear blocks, affine scalars. Knows no drug, no disease.

Importing it sets JAX to 64-bit numbers and one thread per computation; patients run side by
side on threads of our own (`execution.executor`).
"""

from synaptrial.engine import backend as backend
