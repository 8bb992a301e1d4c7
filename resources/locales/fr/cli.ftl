# cli
cli-problem = erreur :
cli-warning = avertissement :
cli-more = { $n ->
    [1] … et une ligne de plus
   *[other] … et { $n } lignes de plus
}
cli-skipped = { $n ->
    [1] … { $n } ligne n’est pas affichée ici
   *[other] … { $n } lignes ne sont pas affichées ici
}
man-name = NOM
man-synopsis = SYNOPSIS
man-options = OPTIONS
man-commands = COMMANDES
cli-empty = Il n’y a encore rien ici
cli-nothing-to-do = Rien n’a été demandé
cli-nothing-to-do-hint = Nommez un menu et un verbe : chantier code status
cli-no-cwd = Le dossier courant est introuvable
cli-help-usage = Utilisation :
cli-help-commands = Commandes{" "}
cli-help-arguments = Arguments{" "}
cli-help-options = Options{" "}
cli-help-globals = Options de tout le programme{" "}
cli-help-help = Afficher l’aide
cli-help-version = Afficher la version
cli-help-values = [valeurs possibles : { $values }]
cli-help-default = [par défaut : { $value }]
cli-help-env = [variable : { $name }]
cli-wrong-unknown = L’argument « { $arg } » n’existe pas
cli-wrong-verb = La commande « { $verb } » n’existe pas
cli-wrong-missing = Il manque { $arg }
cli-wrong-no-value = { $arg } attend une valeur
cli-wrong-value = « { $value } » n’est pas une valeur pour { $arg }
cli-wrong-conflict = { $arg } ne va pas avec { $other }
cli-wrong-count = { $arg } attend un autre nombre de valeurs
cli-wrong-utf8 = Un argument n’est pas de l’UTF-8 valide
cli-wrong-no-verb = Il manque un verbe
cli-wrong-path = CHEMIN ouvre la fenêtre ; un domaine prend --workspace
cli-wrong-near = Y ressemble : { $near }
cli-wrong-hint = --help dit ce qui peut être tapé ici

session-no-runtime = Les fils d’exécution du programme n’ont pas pu démarrer
session-interrupted = { $n ->
    [1] Une tâche était en cours quand le programme a pris fin ; elle est marquée comme interrompue
   *[other] { $n } tâches étaient en cours quand le programme a pris fin ; elles sont marquées comme interrompues
}
session-workspace-twice = Plusieurs espaces de travail s’appellent « { $name } »
session-workspace-twice-hint = Nommez plutôt le dossier
session-no-workspace = Il n’y a pas d’espace de travail « { $name } »
session-no-workspace-hint = Sont connus { $names }
cli-no-such-word = Ni une commande ni un dossier : { $word }
cli-no-such-word-hint = « chantier help » liste les commandes, « chantier help DOMAINE » ses verbes ; « chantier DOSSIER » ouvre la fenêtre sur un projet
cli-bad-recording = Cette ligne n’est pas un événement : { $why }
cli-folder-gone = Le dossier de cet espace de travail a disparu : { $path }
cli-folder-gone-hint = Là où il est maintenant, « chantier devops add CHEMIN » l’ajoute
cli-still-stopping = L’arrêt est en cours ; Ctrl+C encore une fois y met fin aussitôt
cli-lost = Ce qui devait être lu n’a pas pu être écrit
cli-not-sound = Quelque chose n’est pas sain

tour-unpack = Déballer le projet d’exemple
tour-item = Planifier un élément
tour-change = Changer les sources
tour-build = Construire
tour-test = Lancer les tests
tour-commit = Valider dans git
tour-release = Livrer une version
tour-staging = Déployer en préproduction
tour-production = Déployer en production
tour-broken = Déployer une version cassée
tour-live = L’observer en direct
tour-history = Regarder son histoire
tour-dora = Calculer les chiffres DORA
tour-thread = Suivre le fil
tour-stop = Arrêter ce qui tourne
tour-unpack-proof = { $path } est un dépôt propre sur { $branch }, ajouté et de confiance
tour-item-proof = { $item } est dans le plan, dans l’état « { $state } »
tour-change-proof = { $n ->
    [one] git voit { $n } fichier modifié
   *[other] git voit { $n } fichiers modifiés
}
tour-build-proof = { $name } est construit ({ $bytes } octets, SHA-256 { $sha256 }…) et conservé
tour-test-proof = { $n ->
    [one] { $n } test réussi, aucun échec
   *[other] { $n } tests réussis, aucun échec
}
tour-commit-proof = { $commit } nomme l’élément { $item }
tour-release-proof = { $version } porte l’étiquette { $tag } et a { $n ->
    [one] { $n } artefact avec sa somme
   *[other] { $n } artefacts avec leurs sommes
}
tour-deploy-proof = { $environment } fait tourner { $version } ; { $n ->
    [1] son instance répond
   *[other] ses { $n } instances répondent
} et le dit elle-même
tour-broken-proof = { $version } n’est pas devenue saine ; { $back } a été remise et répond
tour-live-proof = { $n ->
    [one] { $n } instance vue en direct
   *[other] { $n } instances vues en direct
}, { $samples ->
    [one] { $samples } mesure écrite
   *[other] { $samples } mesures écrites
}
tour-history-proof = { $points } points, { $deployments } déploiements et { $executions } exécutions sont en mémoire
tour-dora-proof = { $n ->
    [one] { $n } déploiement en production
   *[other] { $n } déploiements en production
}, { $rate } % ont échoué, et ont été réparés
tour-thread-proof = De l’instance jusqu’à { $item } : { $n ->
    [one] { $n } maillon, qui ne manque pas
   *[other] { $n } maillons, aucun ne manque
}
tour-stop-proof = Plus rien n’en tourne
tour-not-true = L’étape « { $step } » n’est pas vraie
tour-true = Chaque étape est vraie
tour-kept = Le projet se trouve dans { $path }
