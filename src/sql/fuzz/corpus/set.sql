SET optimizer_disabled_rules = 'order_joins, prune_columns'
