import sys; from PIL import Image
ims=[Image.open(f'png/{s}.png') for s in sys.argv[2:]]
ims=[i.resize((int(i.width*0.75),int(i.height*0.75)),Image.LANCZOS) for i in ims]
W=max(i.width for i in ims); H=sum(i.height for i in ims)
I=Image.new('RGB',(W,H)); y=0
for i in ims: I.paste(i,(0,y)); y+=i.height
I.save(sys.argv[1])
