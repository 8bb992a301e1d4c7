# Configuration
config-job-load = Lire les réglages
config-job-watch = Surveiller les réglages
config-job-set = Régler { $key }
config-job-reset = Rétablir { $key }
config-job-tools = Chercher les outils
config-job-doctor = Examiner les données
config-job-check = Vérifier { $path }
config-job-export = Copier les réglages vers { $path }
config-job-import = Reprendre les réglages de { $path }

config-section-general = Général
config-section-appearance = Apparence
config-section-language = Langue
config-section-workspaces = Espaces de travail
config-section-tools = Outils
config-section-retention = Conservation
config-section-git = Git
config-section-docker = Docker
config-section-machines = Machines
config-section-notifications = Notifications
config-section-keys = Clavier
config-notify = Notifications du bureau
config-notify-help = Prévenir le bureau quand une longue tâche finit alors que la fenêtre est à l’arrière-plan, et des alertes qu’un projet y envoie
config-git-here = Git sur cette machine
config-git-here-words = Qui valide, ce qui est signé et quels crochets s’exécutent, c’est la configuration de git qui le dit ; Chantier n’en garde aucune copie.
config-git-program = Programme
config-git-workspace = Espace de travail
config-git-signs = Les commits sont signés avec
config-git-unsigned = non signés
config-git-hooks = Crochets qui s’exécutent
config-git-template = Modèle de message
config-git-open = Travailler avec le dépôt
config-docker-words = Le moteur est trouvé par DOCKER_HOST, par le contexte de la commande « docker », ou à ses adresses habituelles.
config-docker-program = Programme
config-docker-engine = Moteur
config-docker-address = Adresse
config-docker-system = Système
config-docker-held = Contient
config-docker-holds = { $images ->
    [one] { $images } image
   *[other] { $images } images
}, { $containers ->
    [one] { $containers } conteneur
   *[other] { $containers } conteneurs
}, { $volumes ->
    [one] { $volumes } volume
   *[other] { $volumes } volumes
}, { $networks ->
    [one] { $networks } réseau
   *[other] { $networks } réseaux
}
config-docker-contexts = Contextes de la commande docker
config-docker-no-context = Aucun autre contexte n’est configuré
config-docker-open = Images, conteneurs, volumes et réseaux
config-machines-words = Les machines viennent de la configuration ssh de l’utilisateur, avec ses clés, ses relais et ses hôtes connus ; il n’y a pas de seconde liste.
config-machines-ssh = Machines de la configuration ssh
config-machines-none = La configuration ssh ne nomme aucune machine
config-machines-open = Machines avec leurs faits, essais et terminaux
config-keys-words = Elles valent partout ; les touches d’une page sont dans ses menus, et « ? » les montre.
config-trust-title = Espaces de travail approuvés
config-trust-words = Un espace qui n’est pas approuvé est seulement lu : rien de lui ne s’exécute, ni crochet, ni filtre, ni tâche.
config-trust-look = L’examiner
config-protected-title = Environnements protégés de { $workspace }
config-protected-words = Ce qui les modifie demande de saisir leur nom ; ils sont marqués dans chantier.toml.
config-protected-none = Aucun n’est protégé

config-stop-grace = Délai d’arrêt
config-stop-grace-help = Le temps laissé à un processus pour s’arrêter de lui-même avant d’être arrêté de force ; un second Ctrl+C n’attend personne
config-notify-after = Prévenir après
config-notify-after-help = Une tâche qui a duré au moins ce temps prévient le bureau à sa fin quand la fenêtre est à l’arrière-plan
config-max-parallel = Tâches à la fois
config-max-parallel-help = Tests et constructions menés en même temps ; 0 en compte un par cœur
config-editor = Éditeur
config-editor-help = Le programme qui ouvre un fichier à une ligne, avec { "{file}" } et { "{line}" } ; vide, il suit VISUAL et EDITOR
config-todo-words = Mots de ce qui reste à faire
config-todo-words-help = Les lignes qui portent un de ces mots figurent dans l’onglet À faire de Coder
config-theme = Thème
config-theme-help = Sombre, clair, ou comme le système
config-theme-system = Comme le système
config-theme-dark = Sombre
config-theme-light = Clair
config-scale = Échelle
config-scale-help = La taille de tout ce que montre la fenêtre, de 0,75 à 2
config-dense = Lignes serrées
config-dense-help = Des lignes de 22 points au lieu de 26
config-language = Langue
config-language-help = La langue de la fenêtre et de la ligne de commande
config-language-system = Comme le système
config-language-en = English
config-language-fr = Français
config-roots = Dossiers à parcourir
config-roots-help = Les projets sont cherchés sous ces dossiers
config-scan-depth = Profondeur de recherche
config-scan-depth-help = Le nombre de niveaux de dossiers où les projets sont cherchés
config-max-watches = Dossiers surveillés
config-max-watches-help = Le nombre de dossiers surveillés au plus ; au-delà, les changements sont cherchés de temps en temps, ce qui est signalé. 0 suit la limite du système
config-pass-env = Variables transmises aux programmes
config-pass-env-help = De l’environnement où Chantier a été lancé, en plus des variables usuelles, par exemple DATABASE_URL ou DJANGO_* ; jetons et mots de passe n’y sont que s’ils sont nommés ici
config-tool-paths = Chemins des outils
config-tool-paths-help = Un programme indiqué ici n’est pas cherché dans le PATH
config-logs-max = Journaux en tout
config-logs-max-help = Au-delà de cette taille, les journaux les plus anciens sont supprimés
config-log-max-per-job = Journal d’une tâche
config-log-max-per-job-help = De ce qu’une tâche dit au-delà de cette taille, seule la fin est conservée
config-samples-max = Mesures
config-samples-max-help = Au-delà de cette taille, les mesures les plus anciennes sont supprimées
config-artifacts-max = Artefacts
config-artifacts-max-help = Au-delà de cette taille, les artefacts les plus anciens qui ne tournent nulle part sont supprimés
config-runs-max-days = Historique des exécutions
config-runs-max-days-help = Les exécutions plus anciennes sont oubliées
config-undo-max-entries = Étapes annulables
config-undo-max-entries-help = Étapes de chaque dépôt qui peuvent être annulées ou refaites ; les plus anciennes partent d'abord
config-undo-max-mb = Gardé pour l'annulation
config-undo-max-mb-help = Contenus de fichiers que garde l'historique d'annulation d'un dépôt ; les étapes les plus anciennes partent d'abord

config-source-file = réglé
config-source-default = défaut
config-tool-missing = introuvable
config-unsound =
    { $n ->
        [1] Une vérification a échoué
       *[other] { $n } vérifications ont échoué
    }
config-check-found =
    { $n ->
        [one] { $path } contient une erreur
       *[other] { $path } contient { $n } erreurs
    }
config-check-sound = Rien à redire ; tâches : { $tasks }, pipelines : { $pipelines }, artefacts : { $artifacts }, environnements : { $environments }, contrôles : { $checks }

config-section-health = Santé
config-section-about = À propos
config-subtitle =
    { $n ->
        [0] tous les réglages ont leur valeur par défaut
        [1] un réglage diffère de sa valeur par défaut
       *[other] { $n } réglages diffèrent de leur valeur par défaut
    }
config-search = Chercher un réglage
config-used = { $used } sont gardés maintenant
config-job-measure = Mesurer ce qui est gardé
config-nothing-found = Aucun réglage ne contient ces mots
config-open-section = Ouvrir { $name }
config-copy-path = Copier le chemin du fichier de réglages
config-set-here = réglé, par défaut { $default }
config-reset = Rétablir
config-yes = oui
config-no = non
config-empty = vide
config-limits = De { $min } à { $max }
config-add-folder = Ajouter un dossier…
config-remove-folder = Retirer { $path } de la liste
config-no-tool-paths = Aucun ; les programmes sont trouvés dans le PATH
config-tools-empty = Les programmes dont les projets ont besoin, avec leurs versions, se trouvent ici
config-tools-found = Trouvés sur cette machine
config-find-tools = Chercher les outils
config-choose = Choisir…
config-choose-tool = Choisir le programme { $name }
config-no-version = n’indique pas de version
config-health-help = Examine le dossier de données : le registre, les mesures, les journaux, les verrous et la place libre. Fonctionne à côté des tâches en cours.
config-health-empty = Rien n’a encore été examiné
config-examine = Examiner
config-examine-deep = Examiner et lire chaque octet
config-examined = Structure examinée
config-examined-deep = Chaque octet lu
config-repair = Réparer
config-repair-ask = Les verrous et les baux de programmes disparus sont levés, et les fichiers à moitié écrits sont supprimés
config-repaired = réparé
config-about-what = Un atelier DevOps de bureau : planifier, coder, construire, tester, livrer, déployer, exploiter et surveiller les projets de cette machine, hors ligne.
config-about-version = Version
config-about-licence = Licence
config-about-settings = Réglages
config-about-network = Réseau
config-about-network-none = seulement pour ce que vous demandez ; ni compte, ni télémétrie, ni recherche de mises à jour
config-about-fonts = Polices
config-about-fonts-words = Inter, JetBrains Mono, Noto Sans Symbols 2 et Noto Emoji, sous la SIL Open Font License 1.1 ; les icônes sont les Material Icons sous la licence Apache 2.0
config-about-crates =
    { $n ->
        [1] Construit à partir d’un paquet
       *[other] Construit à partir de { $n } paquets
    }
config-about-crate = Paquet
config-about-show = Montrer les licences
config-about-hide = Masquer les licences
config-about-copy = Copier les licences

config-job-init = Écrire un fichier de projet dans { $path }
config-job-edit-project = Éditer chantier.toml
config-init-head = Ce projet sous forme de code, pour Chantier. Tout est facultatif ; ce que les outils disent déjà est trouvé sans lui.
config-init-check = « chantier config check » explique chaque erreur ; le README de Chantier décrit chaque clé.
config-init-found = Trouvé sans rien écrire ici :
config-init-task = Une commande à vous, par son nom : des mots, jamais une ligne pour un shell.
config-init-artifact = Ce qu’une construction laisse, et ce qu’une livraison garde avec sa somme SHA-256.
config-init-pipeline = Un pipeline : des tâches dans des arbres de travail propres d’un commit, avec ce qu’elles attendent, en parallèle, reprises quand elles ont été interrompues
config-init-release = Comment naissent les versions ; sans cela, les fichiers de version à la racine et les étiquettes existantes.
config-init-environment = Où tournent les versions, dans l’ordre où l’une avance ; « chantier deploy run staging » en amène une.
config-init-check-example = Ce qui est surveillé ensuite.
config-init-done = { $path } est écrit ; rien n’en est encore dans le dépôt
config-init-exists = { $path } existe déjà
config-init-exists-hint = « chantier config check » l’examine
config-names-nothing = { $key } nomme { $path }, qui n’est pas là en ce moment
