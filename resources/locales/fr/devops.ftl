# devops
devops-job-thread = Chercher le fil

devops-project-broken = chantier.toml : { $why }
devops-project-not-a-list = chantier.toml : cette section est une liste
devops-project-not-a-list-hint = Écrivez son titre entre doubles crochets : [[task]]
devops-project-twice = chantier.toml : « { $name } » s’y trouve deux fois ; la première compte
exec-left-behind = { $n ->
    [1] { $name } a laissé un processus derrière lui, et il a été arrêté : { $command }
   *[other] { $name } a laissé { $n } processus derrière lui, et ils ont été arrêtés : { $command } …
}
exec-left-behind-hint = Ce qui doit rester a sa place dans un [[environment]], un conteneur ou une unité de systemd
devops-project-name-line = chantier.toml : le nom « { $name } » a plus d’une ligne
devops-project-name-line-hint = Un nom figure dans des listes, une ligne chacun : retirez sauts de ligne et caractères de contrôle
devops-project-run-line = chantier.toml : « { $line } » est un seul mot, et une commande est une liste de mots
devops-project-run-line-hint = Écrivez { $words } ; une ligne pour un interpréteur est ["sh", "-c", "…"]
devops-prometheus-query = La requête « { $query } » ne referme pas ce qu’elle ouvre
devops-project-unknown = chantier.toml : il n’y a pas de section « { $name } »
devops-project-unknown-hint = Les sections sont { $names }
devops-project-outside = chantier.toml : « { $name } » est hors de l’espace de travail
devops-project-none = chantier.toml : { $key } ne dit rien
devops-project-empty-run = chantier.toml : « { $name } » n’a rien à lancer
devops-project-artifact-task = Écrivez-la comme une [[task]] de chantier.toml, ou omettez « task » : c’est alors la première construction du projet qui le fait
devops-project-missing = chantier.toml : il n’y a pas { $kind ->
    [artifact] d’artefact
    [check] de contrôle
    [environment] d’environnement
    [notify] de canal (notify)
    [pipeline] de pipeline
    [task] de tâche
   *[other] de { $kind }
} « { $name } »
devops-project-word = « { $word } » entre accolades n’est pas un mot connu ici
devops-project-word-hint = Sont connus ici { $words } ; des accolades voulues se doublent : {"{{"}{ $word }{"}}"}

devops-job-load = Charger les espaces de travail
devops-job-add = Ajouter { $path }
devops-job-remove = Retirer { $name } de la liste
devops-job-trust = Approuver { $name }
devops-job-distrust = Retirer l’approbation de { $name }
devops-job-scan = Chercher des projets
devops-job-board = Actualiser le tableau
devops-job-machine = Examiner cette machine
devops-job-runs-watch = Suivre ce que d’autres programmes lancent
devops-job-runs = Lister les exécutions
devops-job-run = Lire une exécution
devops-job-again = Relancer { $run }
devops-job-sample = Déballer le projet d’exemple dans { $path }
devops-job-sample-change = Faire le changement « { $name } » dans le projet d’exemple

devops-board-failed = L’espace de travail n’a pas pu être lu
devops-machine-failed = La machine n’a pas pu être examinée
devops-not-a-folder = { $path } n’est pas un dossier
devops-no-roots = Il n’y a pas de dossier où chercher
devops-no-roots-hint = Nommez-en un, ou réglez les racines dans Configuration
devops-no-deployment = Il n’y a pas de déploiement { $id }
devops-no-run = Il n’y a pas d’exécution { $run }
devops-run-no-program = L’exécution { $run } n’a lancé aucun programme
devops-sample-broken = Le projet d’exemple contenu dans le programme est endommagé
devops-sample-no-change = Le projet d’exemple n’a pas de changement « { $name } »
devops-sample-not-empty = { $path } n’est pas vide
devops-sample-not-empty-hint = Nommez un nouveau dossier pour le projet d’exemple
devops-problem-build = { $task } a échoué
devops-problem-tests-ran = Les tests n’ont pas pu s’exécuter
devops-problem-tests = { $n ->
    [1] Un test échoue
   *[other] { $n } tests échouent
}
devops-problem-deployment = Le déploiement de { $version } en { $environment } a échoué
devops-problem-instance = { $name } est mort
devops-problem-incident = Incident ouvert : { $title }
devops-problem-check = Le contrôle { $name } échoue
devops-problem-project = { $n ->
    [1] Une entrée de chantier.toml est illisible
   *[other] { $n } entrées de chantier.toml sont illisibles
}
devops-problem-conflicts = Il y a des conflits à résoudre
devops-no-target = « { $text } » ne désigne rien
devops-no-target-hint = Écrivez item:ID, commit:OID, run:N, release:V, environment:NOM ou instance:N
devops-untrusted = non approuvé
devops-trust-changed = modifié depuis l’approbation

devops-tab-workspaces = Espaces de travail
devops-tab-machines = Machines
devops-tab-runs = Exécutions
devops-subtitle = { $n ->
    [one] { $n } espace de travail
   *[other] { $n } espaces de travail
}{ $wrong ->
    [0] { "" }
    [one] , { $wrong } demande votre attention
   *[other] , { $wrong } demandent votre attention
}
devops-runs-subtitle = { $n ->
    [0] Rien ne s’est encore exécuté
    [one] { $n } exécution dans le registre
   *[other] { $n } exécutions dans le registre
}
devops-add = Ajouter un espace…
devops-scan = Parcourir des dossiers…
devops-scan-roots = Parcourir les dossiers racines
devops-sample = Essayer le projet d’exemple…
devops-inspect = Inspecter de nouveau
devops-filter = Filtrer les espaces
devops-filter-tools = Filtrer les outils
devops-filter-runs = Chercher une exécution
devops-search-runs = Chercher dans les exécutions
devops-filter-nothing = Rien ne passe le filtre
devops-board-empty = Les projets sur lesquels vous travaillez se trouvent ici
devops-no-group = Sans groupe

devops-col-workspace = Espace
devops-col-branch = Branche
devops-col-changes = Modifs
devops-col-build = Construction
devops-col-tests = Tests
devops-col-version = Version
devops-col-deployed = Déployé
devops-col-live = Instances
devops-col-problems = Problèmes
devops-col-program = Programme
devops-col-path = Dossier
devops-col-tool = Outil
devops-col-run = Exécution
devops-col-state = État
devops-col-started = Début
devops-col-took = Durée
devops-col-exit = Code
devops-col-environment = Environnement

devops-state-missing = dossier disparu
devops-state-failed = en échec
devops-state-degraded = à regarder
devops-taken-over = Le dossier de { $name } a disparu ({ $path }) ; c’est le même projet, et son histoire continue ici : { $n ->
    [0] aucune ligne
    [1] une ligne
   *[other] { $n } lignes
}
devops-of-the-system = { $path } n’est pas un projet : c’est un dossier du système
devops-of-the-system-hint = Nommez le dossier d’un projet
devops-state-good = tout va bien
devops-state-nothing = rien n’a tourné
devops-trusted = approuvé
devops-n-failed = { $n ->
    [one] { $n } échec
   *[other] { $n } échecs
}
devops-n-problems = { $n ->
    [one] { $n } problème
   *[other] { $n } problèmes
}
devops-clean = rien à valider
devops-n-staged = { $n ->
    [one] { $n } indexé
   *[other] { $n } indexés
}
devops-n-unstaged = { $n ->
    [1] { $n } non indexé
   *[other] { $n } non indexés
}
devops-n-untracked = { $n ->
    [1] { $n } non suivi
   *[other] { $n } non suivis
}
devops-n-conflicted = { $n } en conflit
devops-upstream = Amont
devops-even = à jour avec { $upstream }
devops-ahead-behind = { $ahead } en avance, { $behind } en retard
devops-commit = Commit
devops-changed = Modifié
devops-trust-label = Confiance
devops-group-label = Groupe

devops-open = Y travailler
devops-trust = Approuver…
devops-distrust = Retirer l’approbation
devops-refresh = Actualiser
devops-group = Mettre dans un groupe…
devops-group-title = Groupe de { $name }
devops-group-confirm = Mettre dans ce groupe
devops-group-hint = Services, outils, clients
devops-copy-path = Copier le chemin
devops-remove = Retirer…
devops-remove-title = Retirer { $name } de la liste ?
devops-remove-text = Ses fichiers restent à leur place, son historique aussi. Ajouter de nouveau le dossier fait tout revenir.

devops-found-so-far = { $n ->
    [one] { $n } projet jusqu’ici
   *[other] { $n } projets jusqu’ici
}
devops-found = { $n ->
    [0] Aucun nouveau projet
    [one] { $n } nouveau projet
   *[other] { $n } nouveaux projets
} dans { $folders } dossiers
devops-found-add = { $n ->
    [1] Ajouter 1 espace
   *[other] Ajouter { $n } espaces
}
devops-found-all = Tout cocher
devops-found-none = Tout décocher
devops-found-wait = Recherche de dépôts et de projets sous le dossier
devops-found-nothing = Tous les projets sous le dossier sont déjà au tableau, ou il n’y en a pas

devops-this-machine = Cette machine
devops-machine-empty = Les caractéristiques de cette machine et ses outils se trouvent ici
devops-system = Système
devops-kernel = Noyau
devops-cpu = Processeur
devops-cpus = { $n } × { $name }
devops-memory = Mémoire
devops-memory-of = { $used } sur { $total } utilisés, { $percent }
devops-load = Charge
devops-uptime = En marche
devops-disks = Disques
devops-disk-free = { $free } libres sur { $total }
devops-tools = Outils
devops-tool-missing = introuvable

devops-runs-left = { $n ->
    [1] La plus ancienne des exécutions, sur { $all }, n’est pas listée ; « --limit { $all } » les liste toutes
   *[other] Les { $n } exécutions les plus anciennes, sur { $all }, ne sont pas listées ; « --limit { $all } » les liste toutes
}
devops-runs-empty = Chaque commande que Chantier exécute est gardée ici avec sa sortie
devops-runs-all-hint = Avec --all, les exécutions de tous les espaces de travail sont montrées
devops-run-copy-line = Copier la ligne
devops-run-copy-lines = Copier les lignes
devops-run-commit = Afficher le commit
devops-run-environment = Afficher l’environnement
devops-runs-only-failed = Échecs seulement
devops-runs-older = Exécutions plus anciennes
devops-runs-shown = { $n } sur { $total }
devops-run-steps = Étapes
devops-run-dirty = avec modifications
devops-run-command = Commande
devops-run-cwd = Dossier
devops-run-output = Sortie
devops-run-stop = Arrêter
devops-run-again = Exécuter de nouveau
devops-run-copy = Copier la commande
devops-run-show = Voir dans l’activité

devops-welcome-title = Bienvenue dans Chantier
devops-welcome-text = De la première idée au service en production, sur un seul bureau : planifier, coder, construire, tester, livrer, déployer, exploiter et surveiller les projets de cette machine. Tout reste ici ; ni compte, ni serveur.
devops-welcome-add = Ajouter un projet
devops-welcome-add-text = Un dossier avec un dépôt ou des sources
devops-welcome-scan = Trouver des projets
devops-welcome-scan-text = Parcourt un dossier et liste ce qui s’y trouve
devops-welcome-sample = D’abord regarder
devops-welcome-sample-text = Un petit service avec son historique, son plan, ses tests et ses environnements
devops-welcome-drop = Ou déposez un dossier sur cette fenêtre

devops-welcome-tour = Voir comment on fait
devops-welcome-tour-text = Un projet d’exemple du plan à la production et retour, une étape par clic
devops-tour = Suivre la visite

devops-step-needs = chantier.toml : l’étape « { $step } » demande { $key } (check demande run ou check, confirm un nom)
devops-step-stray = chantier.toml : { $key } ne dit rien dans l’étape « { $step } »
devops-step-order = chantier.toml : l’étape « { $before } » vient avant « { $step } »
devops-step-lacks = chantier.toml : aucune [[release.step]] n’est du genre « { $kind } »
devops-step-check = chantier.toml : il n’y a pas de vérification « { $check } » ; il y a { $names }
devops-tag-pattern = chantier.toml : « { $tag } » n’est pas une forme d’étiquette
devops-tag-pattern-hint = Elle contient {"{version}"}, et rien que git refuse dans un nom, comme une espace
devops-file-pattern = chantier.toml : le motif « { $pattern } » ne contient pas {"{version}"}
devops-pipeline-empty = chantier.toml : le pipeline « { $name } » n’a pas de [[pipeline.job]]
devops-pipeline-no-job = chantier.toml : « { $job } » attend « { $need } », et cette tâche n’existe pas
devops-pipeline-no-stage = chantier.toml : « { $job } » est dans l’étape « { $stage } », que `stages` ne nomme pas
devops-pipeline-no-task = chantier.toml : « { $job } » lance la tâche « { $task } », et il n’y a pas ce [[task]]
devops-pipeline-ring = chantier.toml : les tâches de « { $name } » s’attendent l’une l’autre : { $ring }
devops-pipeline-step = chantier.toml : une étape de « { $job } » doit avoir exactement un de `run`, `task` et `test`
devops-pipeline-no-steps = chantier.toml : « { $job } » n’a ni `run` ni `steps`
devops-pipeline-outside = chantier.toml : { $path } de « { $job } » sort du projet
devops-pipeline-too-many = chantier.toml : la matrice de « { $job } » a { $n } cases ; au plus 256 sont lancées
devops-pipeline-no-cells = chantier.toml : la matrice de « { $job } » ne laisse rien à lancer
devops-pipeline-no-axis = chantier.toml : `exclude` de « { $job } » nomme « { $axis } », que sa matrice n’a pas
devops-pipeline-no-value = chantier.toml : `exclude` de « { $job } » nomme { $axis } = « { $value } », une valeur que sa matrice n’a pas
devops-pipeline-twice = chantier.toml : le pipeline « { $name } » a deux tâches du nom « { $job } »
devops-matcher-wrong = chantier.toml : le filtre « { $name } » : { $why }

devops-strategy-parallel = chantier.toml : « { $name } » ne remplace aucune instance à la fois ; max_parallel vaut 1 ou plus
devops-strategy-deadlines = chantier.toml : « { $name } » demande min_healthy_time < healthy_deadline <= progress_deadline
devops-strategy-traffic = chantier.toml : « { $name } » ne peut pas faire { $strategy } sans [environment.traffic]
devops-strategy-steps = chantier.toml : « { $name } » demande des étapes de canari aux poids croissants de 1 à 99
devops-judge-whole = chantier.toml : « { $name } » juge par { $metric } sans tout ce qu’il faut : errors et latency prennent max, min ou max_ratio seuls ; prometheus prend server et query, command prend run, chacun avec max ou min
devops-judge-http = chantier.toml : « { $name } » ne peut pas juger par { $metric } : HAProxy ne compte les réponses qu’avec traffic.mode = "http"
devops-continuous-protected = chantier.toml : « { $name } » est protégé ; rien n’y vient de soi-même
devops-approvals-many = { $name } : { $n } approbations ne peuvent pas venir de { $from }
devops-approvals-continuous = { $name } : ce qui demande des approbations ne peut suivre aucune branche
devops-traffic-where = chantier.toml : le trafic de « { $name } » demande listen, ou socket et backend
devops-traffic-port = chantier.toml : le trafic de « { $name } » demande target.port
devops-strategy-host = chantier.toml : « { $name } » ne peut pas faire { $strategy } : on ne sait pas quels ports sont libres sur une autre machine
devops-traffic-host = chantier.toml : « { $name } » ne peut pas avoir [environment.traffic] : ses conteneurs sont sur une autre machine
devops-strategy-compose = chantier.toml : « { $name } » ne peut pas faire { $strategy } : Compose met les nouveaux conteneurs à la place des anciens
devops-traffic-compose = chantier.toml : « { $name } » ne peut pas avoir [environment.traffic] : les fichiers compose disent qui écoute où
devops-strategy-swarm = chantier.toml : « { $name } » ne peut pas faire { $strategy } : Swarm met les nouvelles tâches à la place des anciennes ; prenez recreate ou rolling
devops-traffic-swarm = chantier.toml : « { $name } » ne peut pas avoir [environment.traffic] : Swarm répartit lui-même les requêtes
devops-swarm-port = chantier.toml : « { $name } » publie sur ses nœuds sans dire ni port ni inside_port
devops-swarm-volume = chantier.toml : « { $name } » ne peut pas avoir le volume { $volume } ; il s’écrit « nom:/dossier », et les dossiers d’un nœud ne sont pas donnés
devops-strategy-target = chantier.toml : « { $name } » ne peut pas faire { $strategy } : une unité de systemd n’existe qu’une fois
devops-database-where = chantier.toml : la base de données de « { $name } » demande `file` pour sqlite, `name` pour postgres
devops-database-password = chantier.toml : le mot de passe de la base de « { $name } » est nommé "secret:NOM" ou "env:NOM", jamais écrit
devops-database-target = chantier.toml : « { $name } » ne peut pas copier de base de données pour { $target } : ses programmes tournent ailleurs
devops-database-strategy = chantier.toml : { $strategy } laisse tourner l’ancienne version de « { $name } » sur des données modifiées ; écrivez `compatible = true` si elle le peut
devops-schedule-wrong = « { $text } » n’est pas une planification
devops-schedule-never = « { $text } » n’arrive jamais
devops-schedule-hint = Par exemple "every 6h", "@daily" ou "30 2 * * mon-fri" (minute, heure, jour, mois, jour de la semaine)
devops-runbook-asks = La procédure { $name } demande avant de s’exécuter et n’a donc pas de planification : retirez confirm ou schedule
devops-runbook-empty = La procédure « { $name } » n’a pas d’étapes
devops-runbook-step = Une étape de la procédure « { $name } » a besoin d’une tâche (task) ou d’une commande (run)
devops-runbook-word = La procédure « { $name } » n’est d’aucun environnement : { $word } n’y désigne rien
devops-runbook-word-hint = Indiquez environment = "…", ou retirez le mot
devops-check-timeout = Le contrôle « { $name } » n’a pas le temps de répondre : timeout vaut 0
devops-check-path = « { $path } » n’est pas un chemin dans du JSON : des noms et des places comme queue.jobs[0].state, un nom avec des points comme ["a.b"]
devops-prometheus-api = « { $url } » : sans /api/v1, qui y est ajouté
devops-environment-value = chantier.toml : « { $name } » : { $key } ne peut pas être « { $value } »
devops-project-kind = Il n’y a pas de genre « { $kind } » ici : { $names }
devops-check-interval = { $name } est interrogé trop souvent : un intervalle dure une seconde ou plus
devops-check-slo = Le SLO de { $name } est un pourcentage entre 0 et 100, comme 99.9
devops-check-method = Il n’y a pas de méthode « { $method } » : { $names }
devops-check-no-tls = { $name } demande un certificat, et son adresse n’est pas en https
devops-check-compares-nothing = { $name } n’est comparé à rien : écrivez `equals`, `above` ou `below`
devops-check-secret = Un secret de { $name } s’écrit "secret:NOM"
devops-check-whose = { $name } a besoin d’un `environment` ou de `{ $key }` : il ne dit pas quoi regarder
devops-check-pattern = Le motif de { $name } est faux : { $why }
devops-check-disk = { $name } a besoin de `min_free_percent` ou de `min_free`
devops-check-percent = Un pourcentage de { $name } est entre 0 et 100
devops-check-elsewhere = { $name } est interrogé sur cette machine, et { $environment } est sur une autre : là-bas, un contrôle n’a que `expect_status`, `expect_text` et `expect_version`
devops-check-ring = Des contrôles dépendent les uns des autres en cercle : { $ring }
devops-alert-of-what = { $name } a besoin soit de `check`, soit de `metric`
devops-alert-limit = { $name } a besoin d’un seul de `above`, `below` et `absent`
devops-alert-check-limit = { $name } concerne un contrôle : `above`, `below`, `clear` et `absent` vont avec une mesure
devops-alert-no-slo = { $name } regarde un budget d’erreur, et son contrôle n’a pas de `slo`
devops-alert-clear = `clear` de { $name } est du mauvais côté de sa limite
devops-alert-metric = Il n’y a pas de mesure « { $metric } » : { $names }, ou une qu’un [[scrape]] apporte
devops-secret-reference = Le mot de passe de { $name } est nommé "secret:NOM" ou "env:NOM", jamais écrit
devops-mail-to = { $name } n’a personne dans `to`
devops-mail-address = Pas une adresse électronique : { $address }
devops-mail-login = { $name } a besoin de `user` et de `password`, ou d’aucun des deux
devops-mail-clear = { $name } enverrait un mot de passe en clair : écrivez `security = "starttls"` ou `"tls"`
devops-clone = Cloner…
devops-clone-title = Cloner un dépôt
devops-clone-confirm = Cloner
devops-clone-url = Adresse
devops-clone-below = Dans le dossier
devops-clone-into = Il ira dans { $path }
devops-clone-not-empty = { $path } n’est pas vide
devops-clone-not-empty-hint = Nommez un dossier nouveau ou vide pour le dépôt
devops-clone-failed = { $url } n’a pas pu être cloné
devops-job-clone = Cloner { $url }
devops-welcome-clone = Cloner un dépôt
devops-welcome-clone-text = En amener un ici par son adresse, avec les identifiants de git, et l’ajouter
