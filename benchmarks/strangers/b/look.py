import nibabel as nib,numpy as np,zlib,struct
def png(a,f):
    a=np.clip(a,0,255).astype(np.uint8);h,w=a.shape
    raw=b''.join(b'\0'+a[i].tobytes() for i in range(h))
    c=lambda t,d:struct.pack('>I',len(d))+t+d+struct.pack('>I',zlib.crc32(t+d))
    open(f,'wb').write(b'\x89PNG\r\n\x1a\n'+c(b'IHDR',struct.pack('>IIBBBBB',w,h,8,0,0,0,0))+c(b'IDAT',zlib.compress(raw))+c(b'IEND',b''))
if __name__=='__main__':
    for n in('cervical','lumbar'):
        im=nib.as_closest_canonical(nib.load(f'../shared/anatomy/{n}_t2.nii.gz'));d=im.get_fdata();print(n,d.shape,im.header.get_zooms())
        d=d/np.percentile(d,99.8)
        p=(np.clip(d,0,1.3)**5).sum(1); p=p.T[::-1]; p=np.kron(p/np.percentile(p,99.7)*255,np.ones((4,4)));png(p,f'./stranger_b/real_{n}.png')
