# Construire
build-job-refresh = Rechercher les tâches et les exécutions
build-job-build = Construire { $name }
build-job-run = { $task } dans { $name }
build-job-show = Rechercher une exécution

build-no-such-task = Il n’y a pas de tâche « { $name } »
build-several-tasks = Plusieurs tâches s’appellent « { $name } »
build-several-tasks-hint = Dites laquelle : { $names }
build-nothing-to-build = Rien ici ne dit comment construire
build-no-tasks-broken = Aucune tâche ne peut être lue : corrigez le fichier, ou ajoutez une [[task]] à chantier.toml
build-no-tasks-hint = Ajoutez une [[task]] à chantier.toml, ou ouvrez un dossier avec Cargo.toml, package.json ou un Makefile
build-no-tests = Rien ne dit si { $commit } est bon : le projet n’a aucune tâche qui exécute des tests
build-no-tests-hint = Nommez des checks ou un pipeline dans chantier.toml, sous [environment.continuous]
build-tasks-hint = Il y a { $names }
build-tasks-more-hint = Il y a { $names }, et { $n ->
    [1] un autre
   *[other] { $n } autres
}
build-no-run = Il n’y a pas de construction { $run }
build-manifest-broken = { $file } : { $why }
build-artifact-missing = La construction n’a pas produit l’artefact « { $name } » à l’endroit { $path }
build-artifact-missing-hint = Corrigez son chemin dans chantier.toml
build-artifact-leads-out = « { $path } » sort de l’arbre de travail et n’est pas conservé

build-hint-explain = rustc --explain { $code } en dit plus
build-hint-disk = Le disque est plein : libérez de la place, puis relancez
build-hint-linker = Installez l’éditeur de liens { $linker } (sous Debian et Ubuntu : apt install build-essential)
build-hint-component = Installez-le : rustup component add { $name }
build-hint-python = Ce Python n’a pas « { $name } » : python3 -m pip install { $name }
build-hint-npm = « { $name } » n’est pas installé ici : lancez d’abord « npm install »
build-hint-command = Installez « { $name } », ou corrigez son nom
build-hint-library = Installez les fichiers de développement de la bibliothèque { $name }
build-hint-header = Installez le paquet qui contient { $file }, ou ajoutez son dossier avec -I
build-hint-locked = Cargo.lock ne correspond pas à Cargo.toml : lancez cargo update --workspace, ou retirez --locked
build-hint-tab = Les lignes d’une recette commencent par une tabulation, pas par des espaces
build-hint-no-rule = Le makefile n’a pas de règle pour « { $name } » : corrigez le nom, ou créez le fichier
build-hint-no-script = package.json n’a pas de script « { $name } »
build-hint-module = Installez les dépendances : npm install (il manque { $name })
build-hint-network = Le réseau est injoignable ; il faut peut-être récupérer une fois en ligne ce qui manque
build-hint-fmt = Lancez cargo fmt
build-hint-permission = Vérifiez le propriétaire et les droits de ce qui n’a pas pu être ouvert

build-counts = { $errors ->
    [0] aucune erreur
    [one] { $errors } erreur
   *[other] { $errors } erreurs
}, { $warnings ->
    [0] aucun avertissement
    [one] { $warnings } avertissement
   *[other] { $warnings } avertissements
}
build-line-started = { $task }

build-tab-tasks = Tâches
build-tab-runs = Exécutions
build-tab-artifacts = Artefacts
build-source-project = chantier.toml
build-source-cargo = Cargo
build-source-npm = package.json
build-source-python = Python
build-source-make = Make
build-kind-build = construction
build-kind-check = vérification
build-kind-test = test
build-kind-run = exécution
build-kind-other = autre
build-col-task = Tâche
build-col-kind = Type
build-col-dir = Dossier
build-col-last = Dernière fois
build-col-state = État
build-col-when = Quand
build-col-trend = Tendance
build-col-time = Durée
build-col-run = Lancer
build-col-commit = Commit
build-col-warnings = Avert.
build-col-size = Taille
build-col-artifact = Artefact
build-col-sha256 = SHA-256
build-col-kept = Copie
build-kept = conservée
build-freed = supprimée
build-never = jamais lancée
build-n-errors = { $n ->
    [one] { $n } erreur
   *[other] { $n } erreurs
}
build-n-warnings = { $n ->
    [one] { $n } avertissement
   *[other] { $n } avertissements
}
build-run = Lancer { $task }
build-stop = Arrêter { $task }
build-refresh = Actualiser
build-show-log = Voir le journal
build-whole-log = Chercher dans tout le journal
build-copy-command = Copier la commande
build-copy-sha256 = Copier le SHA-256
build-copy-path = Copier le chemin de la copie
build-fact-command = Commande
build-fact-written = Écrite dans
build-fact-timeout = Délai
build-fact-run = Exécution
build-fact-made-at = Produit dans
build-run-number = exécution { $run }
build-with-changes = avec des changements
build-messages = Messages
build-filter = Filtrer
build-filter-nothing = Rien ici ne porte ce nom
build-untrusted = Accordez d’abord votre confiance à l’espace de travail : ses tâches sont des programmes
build-choose-workspace = Choisissez un espace de travail pour voir ses tâches
build-runs-empty = Ici figurent les exécutions des tâches
build-artifacts-empty = Ici figurent les fichiers produits, chacun avec son SHA-256
build-subtitle = { $n ->
    [one] { $n } tâche
   *[other] { $n } tâches
}{ $failed ->
    [0] {""}
    [one] , { $failed } en échec la dernière fois
   *[other] , { $failed } en échec la dernière fois
}

build-job-pipeline = Pipeline { $pipeline } de { $name }
build-job-pipeline-job = { $job } de { $pipeline }
build-job-resume = Reprendre un pipeline de { $name }
build-job-stop = Arrêter l’exécution { $run }
build-job-watch = Guetter les commits
build-no-such-pipeline = Il n’y a pas de pipeline « { $name } » dans chantier.toml au commit { $commit }
build-no-pipelines-hint = Ajoutez à chantier.toml un [[pipeline]] avec des [[pipeline.job]] ; « chantier init » montre comment
build-no-pipeline-run = Il n’y a pas ici d’exécution { $run } d’un pipeline
build-pipeline-no-repository-hint = Les pipelines tournent sur des commits : mettez d’abord le dossier sous git (git init)
build-pipeline-nothing-to-resume = Aucune exécution n’a été interrompue
build-pipeline-going-on = L’exécution { $run } est en cours
build-pipeline-is-done = L’exécution { $run } est terminée : il n’en reste rien à faire
build-pipeline-is-over = L’exécution { $run } est finie
build-pipeline-failed = { $pipeline } a échoué : { $job }
build-pipeline-timed-out = { $job } avait { $secs } s et a pris plus longtemps
build-pipeline-no-tests = Rien n’est testé ici avec « { $runner } »
build-pipeline-lfs = Le commit garde des fichiers avec Git LFS, et git-lfs n’est pas installé : l’arbre de travail n’a que leurs pointeurs
build-pipeline-lfs-hint = Installez git-lfs ; « git lfs install » fait que git s’en sert
build-pipeline-submodules = Le commit a des sous-modules : leurs dossiers sont vides dans l’arbre de travail
build-commit-foreign = { $commit } a seulement été récupéré, et son chantier.toml donne d’autres commandes que celui auquel vous faites confiance
build-commit-foreign-hint = Regardez-le et extrayez-le, puis relancez
build-attempt = essai { $n }
build-reused = de l’exécution { $run }
build-n-jobs = { $n ->
    [one] { $n } tâche
   *[other] { $n } tâches
}
build-on-commit = à chaque commit
build-on-change = à chaque changement
build-by-hand = à la main
build-tab-pipelines = Pipelines
build-pipeline-runs-empty = Ici se trouvent les exécutions des pipelines
build-col-jobs = Tâches
build-col-started-by = Lancé
build-pipeline-run = Lancer { $pipeline } sur HEAD
build-pipeline-run-changes = Lancer { $pipeline } sur ce qui est enregistré
build-pipeline-run-anew = Lancer { $pipeline } à neuf
build-pipeline-resume = Reprendre l’exécution { $run }
build-pipeline-stop = Arrêter l’exécution { $run }
build-pipeline-not-run = pas encore lancé
build-pipeline-note = exécution { $run } de { $pipeline }
build-pipeline-attempts = Essais
build-pipeline-waits-for = Attend
build-pipeline-gives = Donne
build-pipeline-may-fail = peut échouer
build-failure-allowed = échec permis
build-pipeline-graph = Tâches de { $pipeline }
build-pipeline-watched = Se lance
build-pipeline-line = chantier.toml:{ $line }
build-line-watching = En attente de commits

build-job-reproduce = Construire { $name } deux fois
build-job-reproduce-once = Construction { $n } sur 2
build-job-match = Lire une sortie avec des filtres
build-hint-tool = Installez { $tool } ({ $from })
build-not-reproducible = Deux constructions de { $task } diffèrent : { $file } à partir de l’octet { $offset }
build-not-reproducible-hint = Cherchez-y des heures, des chemins et des nombres au hasard (cmp, diffoscope)
build-nothing-to-compare = { $task } ne laisse pas d’artefact à comparer
build-nothing-to-compare-hint = Nommez-le dans chantier.toml : un [[artifact]] avec son chemin, et avec « task » quand une [[task]] du fichier le fait
build-same = identiques
build-differs = diffère à partir de l’octet { $offset }
build-matcher-wrong = Le filtre ne trouve rien : { $why }
build-n-matched = { $n ->
    [0] rien trouvé
    [one] { $n } message
   *[other] { $n } messages
} dans { $lines ->
    [one] { $lines } ligne
   *[other] { $lines } lignes
}
build-step = { $measure } { $before } → { $after } (médianes de { $n_before } et { $n_after })
build-measure-duration = Durée
build-measure-warnings = Avertissements
build-measure-bytes = Taille
build-tab-trend = Tendance
build-tab-rehearsals = Répétitions
build-col-environment = Environnement
build-col-version = Version
build-col-base = Système simulé
build-col-ready = Prêt après
build-job-rehearse = Répéter { $name }
build-job-rehearse-in = Répéter pour { $environment }
build-rehearse = Répéter pour { $environment }
build-rehearsal-stop = Arrêter la répétition
build-rehearsals-empty = Aucune répétition. Ce qui a été construit tourne dans une simulation du système d’un environnement : ses réglages, des fichiers propres, aucun réseau sauf la boucle locale.
build-rehearsal-of = { $version } pour { $environment }
build-rehearsal-here = programmes de cette machine
build-rehearsal-ready = Prêt après { $ms } ms
build-rehearsal-listens = Écoutait sur { $addresses }
build-rehearsal-polite = S’est terminé de lui-même { $ms } ms après la demande
build-rehearsal-killed = Ne s’est pas terminé à la demande et a été tué après { $ms } ms
build-rehearsal-gates = Contrôles de santé
build-rehearsal-tries = { $n ->
    [0] Aucun essai
    [1] Un essai
   *[other] { $n } essais
}
build-rehearsal-smoke = Programmes à côté
build-rehearsal-printed = Dernières lignes affichées
build-rehearsal-no-such = Il n’y a pas d’environnement { $environment }
build-rehearsal-no-such-hint = chantier.toml contient : { $names }
build-rehearsal-none = chantier.toml n’a aucun environnement à répéter
build-rehearsal-none-hint = Écrivez un [[environment]] avec ce qui y tourne ; `chantier init` montre comment
build-rehearsal-no-base = Le système simulé doit être fait de { $path }, qui n’est pas un dossier
build-rehearsal-no-base-hint = `base` dans [environment.rehearsal] est un dossier avec un système de fichiers racine, comme le donnent debootstrap ou `docker export`
build-rehearsal-no-bwrap = Les répétitions demandent les programmes bwrap et nsenter
build-rehearsal-no-bwrap-hint = apt install bubblewrap util-linux
sandbox-no-program = Le fichier du programme Chantier n’est plus où il était
sandbox-no-program-hint = Il a été remplacé pendant qu’il tournait : relancez Chantier
build-rehearsal-no-run = { $environment } ne dit pas dans `target.run` ce qui y tourne
build-rehearsal-no-run-hint = Une répétition lance `run` ; une cible du genre { $kind } qui ne l’a pas ne peut pas être répétée
build-rehearsal-no-start = Rien n’avait commencé dans le système simulé après dix secondes
build-rehearsal-refused = Cette machine ne permet pas la simulation
build-rehearsal-refused-hint = bubblewrap demande des espaces de noms d’utilisateur : voir kernel.unprivileged_userns_clone, ou le profil AppArmor de bwrap
build-rehearsal-no-program = { $program } ne peut pas être lancé dans le système simulé
build-rehearsal-no-program-hint = Lui-même, une bibliothèque ou un interpréteur dont il a besoin y manque : nommez une autre `base`, ou faites du fichier un artefact
build-rehearsal-ended = { $program } s’est terminé de lui-même
build-rehearsal-died-hint = Dans le système simulé il a un arbre propre, les réglages de l’environnement, aucun autre de vos fichiers, et pas de réseau
build-rehearsal-older = La dernière construction est de { $commit } ; HEAD est { $head }
build-rehearsal-older-hint = Construisez de nouveau, ou nommez le commit : --commit HEAD
build-rehearsal-smoke-hint = Il tournait à côté du programme, dans le même système simulé
build-trend-empty = Ici se voit comment les constructions d’une tâche évoluent de commit en commit, dès la deuxième
build-trend-steady = Aucun commit ne l’a fait bouger
build-job-compare-tasks = Rechercher les tâches d’avant
build-since = Nouvelles tâches depuis…
build-since-compare = Comparer
build-since-revision = Une branche, une étiquette ou un commit
build-since-note = Depuis { $revision } : nouvelles { $n }, modifiées { $changed }, disparues { $gone }
build-since-end = Terminer la comparaison
build-task-new = nouvelle
build-task-changed = modifiée
build-task-gone = disparue
build-try-matcher = Essayer un filtre de messages
build-copy-matcher = Copier pour chantier.toml
build-matcher-json = Filtre de messages, comme dans chantier.toml ou en JSON de VS Code
build-matcher-output = Sortie
build-by-commit = par un commit
build-by-change = par un changement
build-hint-cmake = Configurez d’abord : la tâche `cmake configure`
build-hint-go-get = Ajoutez le module : go get { $package }
build-hint-go-sum = Lancez go mod tidy
build-no-terminal-hint = Appelez-le depuis un terminal, ou omettez --tty
pipeline-artifact-clash = { $path } vient de plusieurs jobs avec { $n } contenus différents ; le dernier reste{ $more ->
    [0] {""}
    [1] , et de même pour un autre fichier
   *[other] , et de même pour { $more } autres fichiers
}
pipeline-artifact-clash-hint = Donnez à chaque job son propre chemin
