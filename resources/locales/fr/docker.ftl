docker-job-look = Regarder le moteur de conteneurs
docker-job-watch = Surveiller le moteur de conteneurs
docker-job-show = Interroger le moteur de conteneurs
docker-job-disk = Disque utilisé par le moteur de conteneurs
docker-job-tag = Étiqueter { $image } comme { $tag }
docker-job-remove = Supprimer { $names }
docker-job-save = Enregistrer { $names }
docker-job-load = Charger { $path }
docker-job-build = Construire l’image { $name }
docker-job-run = Lancer { $image }
docker-job-start = Démarrer { $names }
docker-job-stop = Arrêter { $names }
docker-job-restart = Redémarrer { $names }
docker-job-kill = Tuer { $names }
docker-job-pause = Suspendre { $names }
docker-job-rename = Renommer { $name } en { $to }
docker-job-logs = Sortie de { $name }
docker-job-stats = Ce que demandent les conteneurs
docker-job-top = Processus de { $name }
docker-job-exec = { $command } dans { $name }
docker-job-create = Créer { $name }
docker-job-connect = { $name } et le réseau { $network }
docker-job-plan-prune = Chercher ce que rien n’utilise
docker-job-prune = Supprimer ce que rien n’utilise
docker-job-compose = Projet compose { $name }
docker-several = Plusieurs choses commencent par { $name }
docker-no-container = Il n’y a pas de conteneur { $name }
docker-no-volume = Il n’y a pas de volume { $name }
docker-no-network = Il n’y a pas de réseau { $name }
docker-ended = { $name } s’est terminé avec le code { $code }
docker-image-used = { $image } est utilisée par { $by }
docker-image-used-hint = Supprimez d’abord ces conteneurs, ou forcez : un conteneur arrêté perd alors son image
docker-volume-used = { $name } est utilisé par { $by }
docker-exec-none-hint = L’image décide si le conteneur a un programme { $program } et peut l’exécuter ; « sh » et « cat » sont dans la plupart
docker-exec-failed = { $command } s’est terminé avec le code { $code }
docker-exec-goes-on = La commande continue dans { $name } ; elle n’est pas joignable d’ici
docker-no-terminal = Chantier n’a pas été lancé depuis un terminal
docker-no-terminal-hint = Retirez --tty
docker-dockerfile-outside = { $path } n’est pas dans le contexte de construction
docker-no-dockerfile = Il n’y a pas de { $path }
docker-no-dockerfile-hint = Nommez le Dockerfile avec --file, ou un autre dossier
docker-build-failed = L’image ne peut pas être construite
docker-build-step-failed = L’image ne peut pas être construite : { $step }
docker-no-compose = Il n’y a pas de programme compose sur cette machine
docker-no-compose-hint = Installez docker-compose, l’extension compose de docker, ou podman-compose
docker-line-built = Construite : { $image }
docker-reclaimable = { $size } à libérer
docker-freed = { $n ->
    [0] Rien n’a été supprimé
    [1] 1 chose supprimée, { $size } libérés
   *[other] { $n } choses supprimées, { $size } libérés
}
docker-would-free = { $n ->
    [0] Rien n’est inutilisé
    [1] 1 chose serait supprimée, { $size } libérés
   *[other] { $n } choses seraient supprimées, { $size } libérés
}
docker-stayed = { $name } est maintenant utilisé, et reste
docker-tab-images = Images
docker-tab-containers = Conteneurs
docker-tab-volumes = Volumes
docker-tab-networks = Réseaux
docker-tab-disk = Disque
docker-subtitle = { $engine } { $version }, { $n ->
    [0] aucun conteneur en marche
    [1] 1 conteneur en marche
   *[other] { $n } conteneurs en marche
}
docker-lost = Ce qui était connu est montré comme inconnu ; le moteur est interrogé chaque seconde
docker-images-empty = Les images construites, chargées ou téléchargées se trouvent ici
docker-containers-empty = Les conteneurs se trouvent ici, en marche ou non, quel que soit leur auteur
docker-volumes-empty = Les volumes se trouvent ici, avec les conteneurs qui les utilisent
docker-networks-empty = Les réseaux se trouvent ici, avec les conteneurs qui y sont
docker-disk-empty = Ce que le moteur garde sur le disque se trouve ici
docker-col-image = Image
docker-col-id = ID
docker-col-users = Utilisé par
docker-col-created = Création
docker-col-size = Taille
docker-col-state = État
docker-col-name = Nom
docker-col-project = Projet
docker-col-ports = Ports
docker-col-driver = Pilote
docker-col-subnet = Sous-réseau
docker-col-kind = Genre
docker-col-in-use = Utilisés
docker-col-reclaimable = À libérer
docker-col-largest = Les plus grands
docker-col-step = Étape
docker-col-instruction = Instruction
docker-col-line = Ligne
docker-col-time = Durée
docker-no-tag = sans étiquette
docker-builtin = intégré
docker-steps = Étapes de la construction
docker-building = Construction de { $name }
docker-built = { $name } construite, { $cached ->
    [0] rien du cache
    [1] 1 étape du cache
   *[other] { $cached } étapes du cache
}
docker-build-broken = { $name } n’a pas été construite
docker-step-running = en cours
docker-step-done = terminée
docker-step-cached = du cache
docker-step-failed = échouée
docker-build = Construire une image…
docker-load = Charger les images d’un fichier…
docker-run = Lancer un conteneur…
docker-new-volume = Nouveau volume…
docker-new-network = Nouveau réseau…
docker-prune = Supprimer ce que rien n’utilise…
docker-look = Regarder à nouveau
docker-run-image = Lancer…
docker-tag-image = Étiqueter…
docker-save-image = Enregistrer dans un fichier…
docker-remove-image = Supprimer l’image
docker-remove-image-text = L’image disparaît de cette machine ; elle peut être reconstruite ou rechargée
docker-remove-image-tags = Toutes ses étiquettes partent avec elle : { $tags }
docker-remove-title = Supprimer { $name } ?
docker-copy-id = Copier l’ID
docker-exec = Lancer une commande…
docker-exec-title = Lancer une commande dans { $name }
docker-exec-note = Sa sortie apparaît plus bas, avec celle du conteneur
docker-restart = Redémarrer
docker-pause = Suspendre
docker-unpause = Reprendre
docker-start = Démarrer
docker-stop = Arrêter
docker-stop-title = Arrêter { $name } ?
docker-stop-text = TERM d’abord, KILL après le délai des réglages ; il peut être redémarré
docker-kill = Tuer
docker-kill-title = Tuer { $name } ?
docker-kill-text = Il n’a le temps de rien enregistrer
docker-top = Processus
docker-rename = Renommer…
docker-open = Ouvrir dans le navigateur
docker-compose-up = Démarrer { $name }
docker-compose-down = Démonter { $name }
docker-compose-down-text = Les conteneurs et réseaux du projet sont supprimés ; ses volumes nommés restent
docker-remove-container = Supprimer le conteneur
docker-remove-container-text = Ce qu’il a écrit hors des volumes est perdu, ainsi que ses volumes anonymes
docker-remove-running-text = Il est en marche et sera tué ; ce qu’il a écrit hors des volumes est perdu, ainsi que ses volumes anonymes
docker-remove-volume = Supprimer le volume
docker-remove-volume-text = Son contenu est perdu
docker-network-builtin = Propre au moteur
docker-connect = Joindre un conteneur…
docker-disconnect = Retirer { $name }
docker-remove-network = Supprimer le réseau
docker-remove-network-text = Personne n’y est ; il peut être recréé
docker-inspect = Ce que dit le moteur
docker-needs = Besoins
docker-cpu = Processeur
docker-memory = Mémoire
docker-io = Réseau ↓ { $received } ↑ { $sent }, disque lu { $read }, écrit { $written }
docker-n-layers = { $n ->
    [1] 1 couche
   *[other] { $n } couches
}
docker-layers = Historique
docker-fact-tags = Étiquettes
docker-fact-platform = Plateforme
docker-fact-entrypoint = Point d’entrée
docker-fact-command = Commande
docker-fact-workdir = Dossier
docker-fact-user = Utilisateur
docker-fact-mounts = Montages
docker-fact-networks = Réseau
docker-fact-restart = Redémarrage
docker-fact-error = Erreur
docker-fact-mountpoint = Emplacement
docker-fact-scope = Portée
docker-fact-way-out = Issue
docker-internal = Sans issue hors du réseau
docker-form-folder = Contexte de construction
docker-form-pick = Choisir un dossier…
docker-form-tag = Nom et étiquette
docker-form-dockerfile = Dockerfile
docker-form-target = Étape où s’arrêter
docker-form-args = Arguments de construction, un par ligne
docker-form-no-cache = Tout construire à neuf
docker-form-ports = Ports à publier, un par ligne
docker-form-env = Environnement, un par ligne
docker-form-volumes = Volumes et dossiers, un par ligne
docker-form-allow = Il en a le droit
docker-form-file = Fichier à écrire
docker-prune-do = Supprimer
docker-prune-all = Toutes les images sans conteneur, pas seulement celles sans étiquette
docker-prune-volumes = Les volumes qu’aucun conteneur n’utilise ; leurs données sont perdues
docker-prune-looking = Recherche de ce que rien n’utilise
docker-prune-type = Tapez { $word } pour supprimer les volumes avec leurs données
docker-prune-word = volumes
docker-and-more = et { $n } de plus
