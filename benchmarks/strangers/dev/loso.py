import sys; sys.path.insert(0,'.')
from fit2 import *
O=tabs('own'); B=tabs('sb'); A=tabs('sa')
cross(O+B,A,'own+B->A'); cross(O+A,B,'own+A->B'); cross(A+B,O,'A+B->own'); cv(O+A+B,4,'all cv')
