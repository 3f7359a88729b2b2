import sys
from sites2 import *
import matplotlib; matplotlib.use('Agg'); import matplotlib.pyplot as plt
its=[x.split(':') for x in sys.argv[2:]]
fig,ax=plt.subplots(1,len(its),figsize=(5*len(its),9))
for a,(d,s) in zip(ax,its):
    st,tr=pickle.loads(Path(f'./dev/{d}/{s}.pkl').read_bytes()); c=stitch(st)
    a.imshow(c.pixels,cmap='gray',vmax=np.percentile(c.pixels,99)); a.set_title(f'{d} {s} {tr.ruin} {tr.difficulty.level}'); a.axis('off')
fig.tight_layout(); fig.savefig(sys.argv[1],dpi=60)
