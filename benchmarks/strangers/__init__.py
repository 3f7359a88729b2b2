"""Simulators of MR myelography apart from the package's phantom.

A reader tuned on one simulator learns that simulator's habits. These were written without sight
of the phantom, from the published figures alone (anatomy, the grading scale, acquisition), each
by other means than the phantom and the others. Each is ``simulate(seed)``, which returns DICOM
datasets and a truth as plain values; :mod:`benchmarks.strangers.source` makes studies of them.
Seeds 0-419 of A and B are for tuning.

A: the body is solids in patient coordinates; each ray's path through a solid is an interval of
depths weighted by the slab's profile. Leaked fluid is particles that ride a swirling flow away
from a sleeve's tip, wavy threads, nets of random nodes, and webs in the axilla. Several coils are
encoded and combined; three makers' chains normalise, sharpen, denoise and cut.

B: sac, sleeves and signs are drawn on one straightened sheet of path lengths beside the axis,
with filaments, ragged clouds and triangles, and the sheet is bent onto each station's slab. Other
fluid is chains of spheres. One channel, with ghosts, shot-to-shot motion and wandering; four
makers store the pixels differently.

C: sac and sleeves are voxels of distance fields joined smoothly and summed along the rays. Leaked
fluid finds its way by first-passage percolation through random tissue: shortest paths are
streaks, the region reached is haze, the walls of fat lobules in it are a reticulum. One to
sixteen channels, parallel imaging, spikes and zippers.

E: voxels of 1 mm beside the axis. Vertebrae, pedicles, facets, ribs, muscle, pleura and fascial
planes stand about a torn sleeve; leaked fluid soaks the epidural space and fat as the porous medium
equation says, and parcels of it run where planes are open, along the root and down to the back.
Other fluid is grown in coarser voxels. Shots that disagree, N/2 ghosts, three stations.

F: everything is drawn in the coronal plane as a reader would sketch it: closed contours, bundles
of strokes, patches of band-limited noise, each with a profile of thickness. Signs come in fifteen
hands, from a shoulder of 1.5 mm to a veil of 60 mm; normal sleeves in ten. One to six channels,
echo trains that decay, slips between shots, five makers.
"""
