# Exploiter : les instances maintenant
operate-job-list = Regarder les instances
operate-job-inspect = Regarder { $name }
operate-known = Ce qu’on en sait
operate-known-deployment = Déploiement
operate-known-who = Déployé par
operate-known-target = Cible
operate-known-command = Commande
operate-known-variables = Variables (noms)
operate-known-image = Image
operate-known-folder = Dossier de travail
operate-known-user = Utilisateur
operate-known-parent = Lancé par
operate-known-made = Créé
operate-known-restart = Redémarrage
operate-known-limits = Limites
operate-known-networks = Réseaux
operate-known-mounts = Montages
operate-known-labels = Étiquettes
operate-known-code = Code de fin
operate-known-error = Erreur
operate-known-health = Contrôle de santé
operate-known-description = Description
operate-known-unit-file = Fichier d’unité
operate-known-state = État de l’unité
operate-job-watch = Suivre les instances
operate-job-pause = Mettre en pause { $name }
operate-job-stop = Arrêter { $name }
operate-job-start = Démarrer { $name }
operate-job-restart = Redémarrer { $name }
operate-job-logs = Lire la sortie de { $name }
operate-kind-deployed = déployée
operate-kind-process = processus
operate-kind-container = conteneur
operate-no-ports = Les ports à l’écoute n’ont pas pu être lus
operate-runs-already = { $name } est déjà en marche
operate-not-started = { $name } a démarré et s’est terminé aussitôt
operate-not-ours = { $name } n’a pas été démarré par un déploiement
operate-not-ours-hint = Démarrez-le comme il l’a été auparavant ; on peut l’arrêter ici
operate-of-service = { $name } est une tâche d’un service Swarm : Swarm en démarrerait aussitôt une autre
operate-of-service-elsewhere = Le service lui-même : docker service scale { $service }=0, ou docker service update --force { $service }
operate-of-service-hint = Arrêtez son environnement dans Déployer
operate-gone = { $name } n’est plus là
operate-is-handled = { $name } est déjà en cours de démarrage, d’arrêt ou de redémarrage
operate-is-handled-hint = Attendez qu’il ait fini, puis regardez de nouveau
operate-not-stopped = { $name } n’a pas pu être arrêté
operate-not-stopped-hint = Il appartient à un autre utilisateur, ou il est bloqué dans le noyau
operate-no-log = { $name } n’a pas de journal connu
operate-no-log-hint = La sortie de ce qui a été déployé est conservée ; pour les autres processus, le système sait où elle va
operate-several = Plusieurs instances s’appellent « { $name } »
operate-none = Il n’y a pas d’instance « { $name } »
operate-nothing-hint = Rien ne tourne ici ; déployez d’abord quelque chose
operate-none-hint = Il y a { $names } ; avec --all aussi ce qui n’appartient à aucun espace de travail
operate-look = Regarder de nouveau
operate-everything = Afficher tout ce qui tourne sur cette machine
operate-here-only = N’afficher que cet espace de travail
operate-instances = Instances
operate-n-instances = { $n ->
    [one] { $n } instance
   *[other] { $n } instances
}
operate-empty = Ici apparaît ce qui est en marche : les instances de vos déploiements, les processus à l’écoute d’un port, les conteneurs. Rien ne tourne pour ces espaces de travail
operate-empty-deploy = Ouvrir Déployer
operate-filter = Filtrer les instances
operate-filter-nothing = Aucune instance ne correspond
operate-no-environment = Hors environnement
operate-stopped = arrêtée
operate-cause-exited = terminée
operate-cause-created = jamais démarrée
operate-cause-paused = suspendue
operate-cause-dead = terminée, et impossible à enlever
operate-cause-crashed = plantée
operate-cause-lost = perdue de vue
operate-cause-stopped = arrêtée volontairement
operate-cause-replaced = remplacée par une autre version
operate-kind-on = { $kind } sur { $machine }
operate-log = Journal
operate-log-of = Sortie de { $name }
operate-col-name = Instance
operate-col-state = État
operate-col-version = Version
operate-col-cpu = Processeur
operate-col-memory = Mémoire
operate-col-ports = Ports
operate-col-up = En marche
operate-col-pid = PID
operate-look-failed = en échec
operate-look-degraded = à regarder
operate-look-unknown = d’état inconnu
operate-col-kind = Nature
operate-col-restarts = Relances
operate-col-machine = Machine
operate-environment = Environnement
operate-workspace = Espace
operate-address = Adresse
operate-processes = Processus
operate-started = Démarrage
operate-ended = Fin
operate-engine-says = Dit le moteur
operate-container = Conteneur
operate-pause = Mettre en pause
operate-pause-n = Mettre { $n } instances en pause
operate-pause-title = Mettre en pause { $names } ?
operate-pause-why = Immobile et sans réponse jusqu’à son démarrage
operate-not-pausable = { $name } ne se met pas en pause
operate-not-pausable-hint = Seul un conteneur de cette machine peut rester immobile
operate-restart = Redémarrer
operate-restart-n = Redémarrer { $n } instances
operate-restart-title = Redémarrer { $names } ?
operate-restart-why = Plus de réponse jusqu’à son retour
operate-start = Démarrer
operate-start-n = Démarrer { $n } instances
operate-stop = Arrêter…
operate-stop-n = Arrêter { $n } instances…
operate-stop-title = Arrêter { $names } ?
operate-stop-why = Un délai lui est laissé pour se terminer, puis elle est interrompue ; on peut la redémarrer ici
operate-stop-foreign-why = Un délai lui est laissé pour se terminer, puis il est interrompu ; Chantier ne l’a pas démarré et ne peut pas le redémarrer
operate-open = Ouvrir dans le navigateur
operate-copy-address = Copier l’adresse
operate-cause-failed = terminée avec son déploiement, qui a échoué
operate-job-remove = Supprimer { $name }
operate-job-file = Ouvrir { $path }
operate-job-run-log = Ouvrir le journal de l’exécution { $run }
operate-run-log = Journal de l’exécution { $run }
operate-job-page = Lire { $path }
operate-job-search = Chercher dans { $path }
operate-job-close = Fermer le fichier journal
operate-job-export = Écrire des lignes dans { $path }
operate-kind-unit = service
operate-why-oom = mémoire épuisée
operate-why-oom-loop = mémoire épuisée, { $n } relances
operate-why-loop = plante en boucle, { $n } relances
operate-why-loop-code = plante en boucle, { $n } relances, code { $code }
operate-why-engine = pas démarré : { $why }
operate-why-unhealthy = en mauvaise santé
operate-why-service = { $running } sur { $wanted } en marche
operate-why-service-says = { $running } sur { $wanted } en marche : { $why }
operate-why-suspended = suspendu par un signal (SIGSTOP)
operate-why-paused = en pause
operate-why-restarting = redémarre
operate-why-killed = tué
operate-why-signal = terminé par { $signal }
operate-why-ended = terminé
operate-why-created = créé, jamais démarré
operate-why-exit = terminé avec le code { $code }
operate-why-timeout = a pris trop de temps
operate-why-start-limit = abandonné après { $n } relances
operate-why-watchdog = chien de garde sans réponse
operate-why-result = échoué : { $result }
operate-told-term = prié de se terminer ({ $signal }), attente de { $secs } s au plus
operate-told-kill = pas terminé à temps, tué maintenant (KILL)
operate-told-killed = pas terminé à temps, a été tué (KILL)
operate-told-manager = demandé au gestionnaire de services
operate-unit-rights-hint = Les services du système demandent des droits : sudo systemctl restart { $name }
operate-not-removable = { $name } ne peut pas être supprimé ici
operate-not-removable-hint = Les conteneurs peuvent être supprimés ; ce qui a été déployé s’arrête, et un service se désactive là où il est écrit
operate-not-removed = { $name } est toujours là
operate-removed = { $name } a été supprimé
operate-remove-runs = { $name } tourne
operate-remove-runs-hint = Arrêtez-le d’abord, ou dites --force
operate-no-exec = { $name } n’est pas un conteneur de cette machine
operate-no-exec-hint = Les commandes s’exécutent dans des conteneurs ; ailleurs, ouvrez un terminal
operate-remove = Supprimer…
operate-remove-n = Supprimer { $n } conteneurs…
operate-remove-title = Supprimer { $names } ?
operate-remove-why = Le conteneur et ce qu’il a écrit hors de ses volumes disparaissent ; il n’y a pas de retour
operate-previous = Journal de la vie d’avant
operate-disk = Disque
operate-network = Réseau
operate-rates = { $first }/s lus, { $second }/s écrits
operate-health = Santé
operate-healthy = en bonne santé
operate-unhealthy = en mauvaise santé
operate-health-starting = en cours de démarrage
operate-project = Projet compose
operate-tab-logs = Fichiers journaux
operate-log-of-n = Sortie de { $n } instances, dans l’ordre du temps
operate-log-previous-of = Sortie de { $name }, la vie d’avant
operate-log-file = Ouvrir un fichier journal…
operate-log-folder = Ouvrir un dossier de journaux…
operate-log-close = Fermer
operate-logs-empty = Ici se lisent les fichiers journaux de toute taille : recherche, suivi, traces de pile repliées, lignes JSON lisibles. Rien n’est ouvert
operate-n-lines = { $n ->
    [one] { $n } ligne
   *[other] { $n } lignes
}
operate-n-hits = { $n ->
    [one] { $n } ligne trouvée
   *[other] { $n } lignes trouvées
}

# Journaux
log-bad-pattern = « { $pattern } » n’est pas une expression régulière
log-truncated = { $name } : tronqué
log-replaced = { $name } : remplacé
log-container-ended = { $name } s’est terminé ; la suite viendra ici quand il tournera à nouveau
log-no-file = { $path } n’est pas un fichier
log-folder-empty = Aucun fichier journal dans { $path }
log-folder-empty-hint = Les noms avec « log », et .txt, .out, .err, .jsonl ; aussi .gz et .zst
log-folder-large = { $path } contient plus de { $n } journaux : les premiers sont montrés
log-many-sources = Plus de { $n } journaux à la fois ne se fusionnent pas
log-no-source = Aucune source ne s’appelle « { $name } »
log-far-failed = { $host } n’a pas donné le journal
log-no-previous = Aucune vie de { $name } avant celle-ci n’est connue
log-nothing-named = Rien n’a été nommé
log-nothing-named-hint = Nommez une instance (chantier operate list), un fichier avec --file, ou une exécution avec --run
log-pipe-follow = Ce qui arrive par un tube est lu jusqu’à sa fin, et ne peut pas être suivi
log-pipe-follow-hint = Retirez --follow ; un fichier et une instance peuvent être suivis
log-bad-time = « { $text } » n’est pas une heure
log-bad-time-hint = Écrivez 10m, 14:02, yesterday, 2026-11-26 ou 2026-11-26T14:02
log-broken-archive = { $path } est endommagé
log-packed-otherwise = { $path } est compressé avec { $kind } : seuls gzip et zstd sont lus
log-packed-otherwise-hint = Décompressez-le d’abord, ou passez ce qui en sort à chantier operate logs --file -
log-too-large = { $path } est trop grand une fois décompressé
log-not-open = { $path } n’est pas ouvert
log-was-truncated = tronqué, montré de nouveau
log-was-replaced = remplacé par un nouveau fichier
log-exported = { $n ->
    [one] { $n } ligne a été écrite dans { $path }
   *[other] { $n } lignes ont été écrites dans { $path }
}

# Incidents, procédures, changements, code
operate-tab-incidents = Incidents
operate-tab-runbooks = Procédures
operate-changed = Ce qui a changé
operate-changed-ask = Ce qui a changé
operate-job-changed = Ce qui a changé pour { $name }
operate-job-runbook = Procédure { $name }
operate-job-step = { $n }. { $name }
incident-job-list = Regarder les incidents
incident-job-show = Regarder l’incident { $id }
incident-job-open = Ouvrir un incident
incident-job-note = Note sur l’incident { $id }
incident-job-close = Clore l’incident { $id }
incident-no-title = Un incident a besoin d’un titre
incident-none = Il n’y a pas d’incident { $id }
incident-elsewhere = L’incident { $id } est de l’espace de travail { $workspace }
incident-elsewhere-hint = Dites-le là-bas, ou avec -w { $workspace }
incident-none-hint = « chantier operate incident list » les nomme
incident-note-empty = Une note a besoin de mots
incident-cause-stays = L’incident { $id } est clos, avec cette cause
incident-cause-stays-hint = Ce qu’on a appris depuis est une note : chantier operate incident note { $id } TEXTE
incident-no-cause = Un incident se clôt avec sa cause
incident-no-cause-hint = Dites en quelques mots pourquoi c’est arrivé
incident-deploy-began = Début du déploiement de { $version } vers { $environment }
incident-deployed = { $version } a été déployée vers { $environment }
incident-deploy-failed = Le déploiement de { $version } vers { $environment } a échoué
incident-started = { $name } a démarré
incident-unhealthy = { $name } a été arrêtée, ses contrôles ayant échoué
incident-crashed = { $name } a planté
incident-crashed-code = { $name } a planté avec le code { $code }
incident-stopped = { $name } s’est arrêtée
incident-check-down = La vérification { $name } échoue : { $why }
incident-check-slow = La vérification { $name } est lente ou à risque : { $why }
incident-check-unknown = La vérification { $name } est restée sans réponse : { $why }
incident-check-maintenance = La vérification { $name } est en maintenance
incident-check-up = La vérification { $name } répond
incident-check-flaps = { $n ->
    [1] Le contrôle { $name } monte et descend, { $n } fois jusqu’à { $until }
   *[other] Le contrôle { $name } monte et descend, { $n } fois jusqu’à { $until }
}
incident-note = { $by } : { $text }
incident-opened = Ouvert par { $by }
incident-over = Clos
incident-closed = Clos : { $cause }
incident-open = ouvert
incident-is-closed = clos
incident-n-open = { $n ->
    [0] Aucun incident ouvert
    [one] { $n } incident ouvert
   *[other] { $n } incidents ouverts
}
incident-empty = Ici figurent les incidents : ce qui était en panne, ce qui s’est passé autour, et pourquoi. Il n’y en a pas
incident-filter = Filtrer les incidents
incident-filter-nothing = Aucun incident ne correspond
incident-col-title = Incident
incident-col-opened = Ouvert
incident-col-lasted = Durée
incident-col-cause = Cause
incident-by-check = contrôle { $name }
incident-by = Ouvert par
incident-timeline = Ce qui s’est passé
incident-add-note = Ajouter une note
incident-note-hint = Ce qui a été vu ou fait
incident-title-hint = Ce qui ne va pas
incident-open-now = Ouvrir un incident
incident-open-on = Ouvrir un incident
incident-cause-hint = Cause : pourquoi c’est arrivé
incident-close = Clore
changed-kind-commit = Commits
changed-kind-setting = Réglages (chantier.toml)
changed-kind-variable = Variables
changed-kind-dependency = Dépendances
changed-kind-host = Machine
changed-kind-instance = Plantages
changed-boot = La machine a redémarré
changed-nothing = Rien de connu n’a changé
changed-no-commit = L’une des deux versions n’a pas de commit : code, réglages et dépendances ne se comparent pas
changed-no-version = Aucune version de { $name } avant celle-ci n’est connue
changed-no-version-hint = Les versions sont connues par les déploiements
changed-since-version = depuis { $version }
runbook-job-watch = Lancer les procédures à leurs heures
runbook-job-list = Regarder les procédures
runbook-run = Lancer
runbook-run-title = Lancer { $name } ?
runbook-word-hint = { $word } désigne ce qui est en service dans { $environment } : déployez-y d’abord quelque chose
runbook-none = Il n’y a pas de procédure « { $name } »
runbook-none-hint = Il y a { $names }
runbook-none-at-all-hint = Écrivez [[runbook]] dans chantier.toml : un nom et des étapes
runbook-confirm = { $name } demande avant de se lancer
runbook-confirm-hint = Dites --yes
runbook-confirm-typed-hint = Son environnement est protégé : dites --yes { $environment }
runbook-empty = Ici figurent les procédures de chantier.toml : l’entretien par son nom, étape par étape. Il n’y en a pas
runbook-edit = Ouvrir chantier.toml
runbook-filter = Filtrer les procédures
runbook-filter-nothing = Aucune procédure ne correspond
runbook-col-name = Procédure
runbook-col-description = Description
runbook-col-steps = Étapes
runbook-col-next = Prochain
runbook-schedule = Planification
runbook-runs-already = { $name } tourne déjà depuis { $at }
runbook-runs-already-hint = C’est le passage { $run } : attendez sa fin, ou arrêtez-le là
runbook-still-runs = { $name } devrait se relancer et tourne encore : ce passage est sauté
runbook-still-runs-hint = Une planification plus espacée, ou un timeout sur ses étapes
runbook-missed = { $name } devait se lancer à { $at }, et personne n’était là pour le faire
runbook-missed-hint = catch_up = true le rattrape ; chantier watch install surveille sans la fenêtre
runbook-col-last = Dernier passage
where-job = Chercher le code d’une ligne
where-no-commit = Il n’y a pas de commit où chercher
where-nothing = Aucun endroit du code n’a été trouvé pour cette ligne
where-nothing-hint = Les cadres de pile se trouvent par fichier et ligne, les messages par les mots qui figurent dans le code
where-no-workspace = Choisissez un espace de travail où chercher le code
where-frame = Code du cadre de pile
where-message = Code du message
where-differs = le fichier d’ici n’est pas celui qui est déployé
log-lives-left-out = { $n ->
    [1] Une vie plus ancienne est laissée de côté
   *[other] { $n } vies plus anciennes sont laissées de côté
}
log-lives-left-out-hint = Une période plus courte, un environnement ou une version en laisse moins
log-lives-gone = { $n ->
    [1] D’une vie, aucun journal n’a été gardé
   *[other] De { $n } vies, aucun journal n’a été gardé
}
log-no-lives = Rien de ce qui tournait dans cette période n’a de journal
log-no-lives-hint = Les instances déployées sont gardées avec leur sortie ; essayez une période plus longue (--since 30d), ou « chantier monitor executions »
log-bad-span = Ce n’est pas une durée : { $text }
log-bad-span-hint = Écrivez-la comme 10m, 1h ou 1d
log-counted = { $n ->
    [1] { $n } ligne
   *[other] { $n } lignes
}, erreurs : { $errors }, avertissements : { $warnings }
operate-tab-history = Historique des journaux
operate-span-hour = 1 heure
operate-span-day = 24 heures
operate-span-week = 7 jours
operate-span-month = 30 jours
operate-history-workspace = Choisissez un espace de travail : l’historique est celui de ses instances
operate-history-empty = Cherche dans ce qu’ont écrit les instances de cet espace, même celles qui ne tournent plus, dans toute version
operate-history-search = Chercher dans les journaux
operate-history-hint = Des mots, ou une expression régulière
operate-history-lines = Lignes
operate-history-errors = Erreurs
operate-history-counted = Lignes par { $part }
operate-history-of = { $n ->
    [1] Le journal d’une vie
   *[other] Les journaux de { $n } vies
}
