SET SESSION threads TO -1
