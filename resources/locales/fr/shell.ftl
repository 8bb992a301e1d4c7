# La boîte à outils (ui-) et le cadre de la fenêtre
ui-cancel = Annuler
ui-dialog-missing = Il manque encore quelque chose ci-dessus
ui-retry = Réessayer
ui-copy-details = Copier les détails
ui-copy-of = Copier { $what }
ui-more-tabs = Tous les onglets
ui-other-actions = D’autres actions
ui-more-actions = Autres actions
ui-type-to-confirm = Tapez { $word } pour confirmer
ui-loading = Chargement
ui-progress-of = { $done } sur { $total }
ui-progress-count = { $n } jusqu’ici
ui-reset-columns = Rétablir les colonnes
ui-thread = Fil
ui-undo-of = Annuler { $what }
ui-fold = Replier
ui-unfold = Déplier
ui-close = Fermer
ui-log = Sortie
ui-log-following = suivi
ui-log-follow = Suivre
ui-log-copy = Copier les lignes
ui-log-copy-line = Copier la ligne
ui-log-filter = Filtre ou regex
ui-log-all = Tous les niveaux
ui-log-info = Informations et plus
ui-log-warnings = Avertissements et plus
ui-log-errors = Erreurs seulement
ui-log-only-stderr = Flux d’erreur seulement
ui-log-times = Heures
ui-log-no-match = Aucune ligne ne passe le filtre
ui-log-empty = Aucune sortie pour l’instant
ui-log-whole-line = Ligne entière
ui-log-view = Affichage
ui-log-fold = Une ligne par trace de pile
ui-log-mark-only = Seulement surligner ce que le filtre trouve
ui-log-form = Lignes structurées
ui-log-form-raw = Telles quelles
ui-log-form-message = Message et valeurs
ui-log-form-columns = Colonnes
ui-log-sources = Sources
ui-log-all-times = Tout le temps
ui-log-marks = Signets
ui-log-marks-clear = Retirer tous les signets
ui-log-mark = Poser un signet
ui-log-unmark = Retirer le signet
ui-log-export = Écrire les lignes dans un fichier
ui-log-code = Ouvrir le code
ui-log-from-here = Seulement à partir d’ici
ui-log-to-here = Seulement jusqu’ici
ui-log-col-level = niveau
ui-log-col-message = message
ui-log-trace = { $n ->
    [one] { $n } ligne de plus dans la trace
   *[other] { $n } lignes de plus dans la trace
}
ui-key-escape = Échap
ui-key-enter = Entrée
ui-key-ctrl = Ctrl
ui-key-alt = Alt
ui-key-shift = Maj
ui-key-left = Gauche
ui-key-right = Droite
ui-key-up = Haut
ui-key-down = Bas
ui-key-home = Début
ui-key-end = Fin
ui-key-plus = Plus
ui-key-minus = Moins
ui-palette-hint = Chercher ou lancer une commande
ui-palette-nothing = Rien ne correspond
ui-palette-choose = choisir
ui-palette-run = lancer
ui-palette-count = { $n } sur { $total }
ui-number-range = Un nombre entier de { $from } à { $to }
ui-not-a-duration = Une durée comme 30s, 10m ou 1h30m
ui-diff = Différence
ui-diff-none = Les contenus sont identiques
ui-diff-mode = Seul le mode du fichier a changé, de { $old } à { $new }
ui-diff-binary = Fichier binaire, { $old } avant, { $new } après
ui-diff-too-large = { $size }, { $lines } lignes : trop pour tout afficher d’un coup
ui-diff-large-file = { $size } : trop pour tout afficher d’un coup
ui-diff-hopeless = { $size }, { $lines } lignes changées : plus que ce qui s’affiche ici ; votre éditeur le peut
ui-diff-hopeless-file = { $size } : plus que ce qui s’affiche ici ; votre éditeur le peut
ui-diff-submodule = Sous-module de { $old } à { $new }
ui-diff-show-anyway = Afficher quand même
ui-diff-from = depuis { $path }
ui-diff-no-newline = pas de saut de ligne à la fin
ui-diff-crlf = CR LF

# Le cadre de la fenêtre
shell-title = { $workspace }, { $area } – Chantier
shell-title-busy = { $workspace }, { $area }, { $n ->
    [one] { $n } tâche en cours
   *[other] { $n } tâches en cours
} – Chantier
shell-all-workspaces = Tous les espaces
shell-all-environments = Tous les environnements
shell-workspace-of = Espace de travail : { $name }
shell-environment-of = Environnement : { $name }
shell-find-workspace = Trouver un espace de travail
shell-add-workspace = Ajouter un espace…
shell-untrusted = non approuvé
shell-n-jobs = { $n ->
    [one] { $n } tâche
   *[other] { $n } tâches
}
shell-n-problems = { $n ->
    [0] Aucun problème
    [one] { $n } problème
   *[other] { $n } problèmes
}
shell-n-workspaces = { $n ->
    [one] { $n } espace de travail
   *[other] { $n } espaces de travail
}
shell-n-changed = { $n ->
    [0] aucune modification
    [one] { $n } modifié
   *[other] { $n } modifiés
}
shell-n-conflicts = { $n ->
    [one] { $n } conflit
   *[other] { $n } conflits
}
shell-watching-of = { $n } dossiers surveillés sur { $max }
shell-watching = { $n ->
    [one] { $n } dossier surveillé
   *[other] { $n } dossiers surveillés
}
shell-polling = relu toutes les quelques secondes
shell-ahead-behind = { $ahead } en avance sur la branche amont, { $behind } en retard

shell-activity = Activité
shell-activity-close = Fermer le panneau d’activité
shell-n-running = { $n } en cours
shell-n-ended = { $n ->
    [one] { $n } terminée
   *[other] { $n } terminées
}
shell-no-jobs = Rien ne s’est exécuté depuis l’ouverture du programme
shell-show-quiet = Montrer les tâches de fond
shell-hide-quiet = Cacher les tâches de fond
shell-show-run = Voir dans les exécutions
shell-show = Voir
shell-undo = Annuler
shell-stop = Arrêter
shell-stop-job = Arrêter « { $title } »
shell-resize-activity = Hauteur du panneau d’activité
shell-resize-list = Largeur de la liste des tâches
shell-resize-detail = Largeur du détail

shell-problems = Problèmes
shell-no-problems = Rien n’a échoué depuis l’ouverture du programme
shell-problems-clear = Vider la liste
shell-problem-times = { $n } fois
shell-problem-job = Tâche { $job }

page-show-workspaces = Afficher les espaces de travail
page-open-place = Ouvrir { $place }
page-clear-filter = Vider le filtre
shell-shortcuts = Clavier
shell-shortcuts-window = Fenêtre
shell-shortcuts-lists = Listes et dialogues
shell-shortcuts-pages = Pages
shell-shortcut-list = Aller à la liste de cette page
shell-shortcut-primary = Faire l’action principale de la page
shell-shortcut-config = Ouvrir la configuration
shell-shortcut-palette = Chercher ou lancer une commande
shell-shortcut-filter = Filtrer cette page
shell-shortcut-refresh = Actualiser cette page
shell-shortcut-activity = Afficher ou cacher le panneau d’activité
shell-shortcut-sidebar = Replier ou déplier la barre latérale
shell-shortcut-problems = Afficher les problèmes
shell-shortcut-back = Revenir en arrière
shell-shortcut-forward = Aller en avant
shell-shortcut-undo = Annuler ce qui vient d’être fait
shell-shortcut-menu = Ouvrir le menu de ce qui est choisi
shell-shortcut-page-help = Aide sur cette page
shell-help-title = { $page } : à quoi cela sert
shell-shortcut-help = Afficher les touches
shell-shortcut-larger = Tout agrandir
shell-shortcut-smaller = Tout réduire
shell-shortcut-ends = Aller à la première ou à la dernière ligne
shell-shortcut-extend = Sélectionner plus ou moins de lignes
shell-shortcut-all = Sélectionner toutes les lignes
shell-shortcut-quit = Quitter
shell-shortcut-move = Se déplacer
shell-shortcut-open = Ouvrir
shell-shortcut-copy = Copier les lignes
shell-shortcut-close = Fermer ce qui est au-dessus

shell-palette-actions = Actions
shell-palette-pages = Pages
shell-palette-workspaces = Espaces de travail
shell-palette-things = Éléments, commits, exécutions
shell-palette-window = Fenêtre
shell-palette-search = Chercher partout

shell-banner-untrusted = { $name } n’est pas encore approuvé : tout peut être consulté, rien n’en est exécuté
shell-banner-changed = Dans { $name }, les fichiers qui nomment des commandes ont changé depuis votre approbation : rien n’en est exécuté
shell-banner-missing = Le dossier de { $name } n’existe plus : { $path }
shell-banner-project = { $n ->
    [1] chantier.toml a une erreur à la ligne { $line } : { $why }
   *[other] chantier.toml a { $n } erreurs, la première à la ligne { $line } : { $why }
}
shell-banner-open = Ouvrir chantier.toml
shell-gone = Le dossier de { $name } n’existe plus. Remettez-le en place, ou ajoutez-le là où il est maintenant ; ce que l’on en sait reste
shell-trust-button = Approuver…
shell-trust-title = Approuver { $name } ?
shell-trust-confirm = Approuver { $name }
shell-trust-means = Ses constructions, ses tests, ses crochets et ses plans de déploiement lancent des programmes avec vos droits. Approuvez-le si vous savez qui l’a écrit.
shell-trust-without = Sans approbation, vous pouvez tout lire : fichiers, historique, plan, résultats. Quand chantier.toml ou le contenu de .chantier/deploy change, la question revient ; les scripts de package.json, les Makefile et autres s’exécutent tels quels.
shell-trust-files = Fichiers qui nomment des commandes
shell-trust-changed = Ce qui a changé depuis votre approbation
shell-trust-replaced = Un autre dossier que celui que vous avez approuvé se trouve à ce chemin

shell-pick-folder = Choisir un dossier
shell-pick-file = Choisir un fichier
shell-path = Chemin
shell-path-note = Ce bureau n’a pas de dialogue de fichiers ; tapez le chemin entier
shell-path-choose-folder = Choisir le dossier
shell-path-choose-file = Choisir le fichier
shell-drop = Déposez un dossier pour l’ajouter comme espace de travail

shell-quit-title = { $n ->
    [one] { $n } tâche est encore en cours
   *[other] { $n } tâches sont encore en cours
}
shell-quit-text = Fermer la fenêtre arrête ce qui est en cours. Les instances déployées continuent de fonctionner.
shell-quit-stop = Arrêter et fermer

shell-replay-disabled = Un enregistrement est en lecture ; rien ne peut être lancé
shell-replay-play = Lire
shell-replay-pause = Mettre en pause
shell-replay-step = Un événement de plus
shell-replay-position = Position dans l’enregistrement
shell-replay-time = { $at } sur { $span }, événement { $n } sur { $total }

shell-no-display = Il n’y a pas d’écran pour ouvrir une fenêtre
shell-no-gl = La fenêtre ne peut pas être dessinée : pas d’OpenGL utilisable
shell-no-window = La fenêtre a été fermée par l’écran
shell-no-window-hint = La ligne de commande fait la même chose sans fenêtre : chantier --help
shell-replay-hint = Avec --events il est raconté ici, avec --json en un document
ui-chart-reset = Toute la durée
ui-chart-nothing = Aucune valeur sur cette durée
ui-why = Pourquoi
ui-not-yet = pas encore

shell-tour = Visite
shell-tour-count = { $n } sur { $total }
shell-tour-close = Finir la visite
shell-tour-runs = L’étape est en cours

shell-cpu = { $percent } % processeur
shell-notify-done = Terminé en { $lasted }
shell-notify-cancelled = Arrêté

ui-saying-note = Ce qui a été regardé, et ce qui a été vu
ui-saying-confirm = Confirmer
ui-saying-attach = Joindre un fichier…
ui-saying-needs-file = Joignez d’abord le fichier qui le montre
