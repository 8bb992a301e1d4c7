# The toolkit (ui-) and the frame of the window
ui-cancel = Cancel
ui-retry = Retry
ui-copy-details = Copy details
ui-copy-of = Copy { $what }
ui-more-actions = More actions
ui-type-to-confirm = Type { $word } to confirm
ui-loading = Loading
ui-progress-of = { $done } of { $total }
ui-progress-count = { $n } so far
ui-reset-columns = Reset columns
ui-thread = Thread
ui-undo-of = Undo { $what }
