SELECT 1 -- one
 /* two /* three */ */ + 2;