import sys,pickle
from concurrent.futures import ProcessPoolExecutor
sys.path.insert(0,'./')
from benchmarks.reading_quality import spec_of
from myeloscope.phantom import make
from pathlib import Path
D=Path('./dev/own'); D.mkdir(exist_ok=True)
def go(seed):
    f=D/f'{seed}.pkl'
    if f.exists(): return
    p=make(spec_of(seed))
    f.write_bytes(pickle.dumps((p.study,p.truth),protocol=5))
if __name__=='__main__':
    a,n=int(sys.argv[1]),int(sys.argv[2])
    with ProcessPoolExecutor(2) as ex: list(ex.map(go,range(a,a+n),chunksize=4))
