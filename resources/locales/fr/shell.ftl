# La boîte à outils (ui-) et le cadre de la fenêtre
ui-cancel = Annuler
ui-retry = Réessayer
ui-copy-details = Copier les détails
ui-copy-of = Copier { $what }
ui-more-actions = Autres actions
ui-type-to-confirm = Tapez { $word } pour confirmer
ui-loading = Chargement
ui-progress-of = { $done } sur { $total }
ui-progress-count = { $n } jusqu’ici
ui-reset-columns = Rétablir les colonnes
ui-thread = Fil
ui-undo-of = Annuler { $what }
