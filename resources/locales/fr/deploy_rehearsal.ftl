# deploy: rehearsals of the way back
deploy-job-rehearse = Répéter le retour de { $environment }
deploy-rehearse = Répéter le retour de { $environment }…
deploy-rehearse-now = Répéter { $version }
deploy-rehearse-short = Répéter
deploy-rehearse-title = Répéter un déploiement vers { $environment } et son retour
deploy-rehearse-text = Sur un clone avec ses propres ports, fichiers et données : ce qui tourne est déployé, puis la version, puis elle est reprise ; les lignes et les sommes de chaque table sont comparées. { $environment } n’est pas touché, ses données sont copiées une fois.
deploy-rehearse-runs = Une répétition est en cours
deploy-rehearsal-of = Répétition { $from } → { $version } et retour, sur un clone de { $environment }
deploy-rehearsal-stop = Arrêter
deploy-rehearsal-clone = Faire le clone
deploy-rehearsal-now = Déployer ce qui tourne
deploy-rehearsal-next = Déployer la version suivante
deploy-rehearsal-bear = Y revenir avec les données modifiées
deploy-rehearsal-back = Revenir avec les données d’avant
deploy-rehearsal-compare = Comparer les données
deploy-rehearsal-remove = Retirer le clone
deploy-rehearsal-note-clone = Ses propres fichiers et ports
deploy-rehearsal-note-removed = Il n’en reste rien
deploy-rehearsal-deployments = Déploiements sur le clone, pour `deploy show` : { $ids }
deploy-rehearsal-col-table = Table
deploy-rehearsal-rows-before = avant
deploy-rehearsal-rows-between = entre
deploy-rehearsal-rows-after = après
deploy-rehearsal-same-rows = identique
deploy-rehearsal-own-rows = la version y écrit chaque fois qu’elle tourne
deploy-rehearsal-other-rows = autre qu’avant
deploy-fact-rollback = Retour
deploy-proven = Retour { $version } → { $from } prouvé { $ago }
deploy-proven-failed = Le retour { $version } → { $from } a échoué dans la répétition { $ago }
deploy-proven-stale = Retour non prouvé ; { $version } → { $from } l’a été { $ago }
deploy-proven-short = prouvé { $ago }
deploy-proven-failed-short = échoué { $ago }
deploy-unproven-short = non prouvé
deploy-unproven = Retour non prouvé
deploy-rehearsal-nothing = Rien ne tourne dans { $environment } à quoi revenir
deploy-rehearsal-nothing-hint = Déployez d’abord une version ; la suivante pourra être répétée
deploy-rehearsal-itself = { $version } est ce qui tourne dans { $environment }
deploy-rehearsal-itself-hint = Nommez la version qui doit suivre, ou donnez --built
deploy-rehearsal-interrupted = Le programme qui répétait a été tué ; son clone a été retiré
deploy-rehearsal-failed-hint = L’échec a eu lieu sur un clone ; { $environment } n’a pas été touché
deploy-rehearsal-differs = { $n ->
    [0] Après le retour à { $version }, aucune table n’a changé
    [1] Après le retour à { $version }, une table n’est plus ce qu’elle était
   *[other] Après le retour à { $version }, { $n } tables ne sont plus ce qu’elles étaient
}
deploy-rehearsal-same = La copie des données serait les données elles-mêmes
deploy-rehearsal-ssh = { $environment } ne peut pas être cloné : l’unité et les dossiers de versions sur { $host } n’y sont qu’une fois
deploy-rehearsal-compose = { $environment } ne peut pas être cloné : un projet compose apporte ses volumes, ses réseaux et ses ports, qu’un second partagerait
deploy-rehearsal-swarm = { $environment } ne peut pas être cloné : un second service partagerait ses volumes, ses réseaux et son port
deploy-rehearsal-far = { $environment } ne peut pas être cloné : ses conteneurs tournent sur { $host }, où personne ne cherche de ports libres
deploy-rehearsal-docker-data = { $environment } ne peut pas être cloné : on ne sait pas ici comment un conteneur atteint sa base de données
deploy-rehearsal-docker-shared = { $environment } ne peut pas être cloné : ses conteneurs partagent { $what }, que le clone partagerait avec eux
deploy-rehearsal-cannot-hint = Les processus locaux, avec SQLite ou PostgreSQL, et les conteneurs sans volumes peuvent être répétés
deploy-rehearsal-port = Un clone prendrait le port { $port } de l’environnement lui-même : { $place } le nomme
deploy-rehearsal-port-hint = Écrivez {"{port}"} au lieu du nombre dans chantier.toml, et déployez cela une fois
deploy-rehearsal-data = Un clone atteindrait les données ou le dossier de l’environnement lui-même : { $place } les nomme
deploy-rehearsal-data-hint = Écrivez {"{database}"} ou un chemin relatif dans chantier.toml, et déployez cela une fois ; les instances trouvent PostgreSQL par PGHOST, PGDATABASE et les autres
deploy-rehearsal-moved = Ce qui tourne garde ses données dans { $before }, la version suivante dans { $after } : cela ne peut pas être répété
deploy-rehearsal-large = { $path } n’a pas d’historique et contient { $bytes } Mo : il n’est pas copié
deploy-rehearsal-large-hint = Faites-en un dépôt git : seuls les fichiers du commit seront pris
deploy-rehearsal-createdb-hint = Le clone reçoit sa propre base : le rôle a besoin de CREATEDB

# deploy: what is lost
deploy-job-rebuild = Rétablir ce qui manque dans { $environment }
deploy-rebuild = Rétablir ce qui manque dans { $environment }…
deploy-rebuild-title = Rétablir { $environment }
deploy-rebuild-now = Rétablir
deploy-rebuild-text = Les instances qui ne tournent plus sont relancées en { $version }, les sondes les jugent, et elles reçoivent des requêtes. Ce qui tourne reste tel quel, et les données aussi.
deploy-rebuild-note-missing = { $n ->
    [0] Aucune instance ne manque
    [1] Une instance manque
   *[other] { $n } instances manquent
}
deploy-rebuild-silent = On ne sait pas si { $instance } tourne : personne n’y répond
deploy-rebuild-silent-hint = Rien n’a été supposé ni lancé ; réessayez quand cela répondra
deploy-rebuild-other = { $environment } devrait exécuter { $version }, et non { $other }
deploy-rebuild-other-hint = Pour changer de version, déployez-la : `chantier deploy run`
deploy-rebuild-nothing = Rien ne doit tourner dans { $environment } : il a été arrêté, ou n’a jamais tenu de version
deploy-rebuild-nothing-hint = `chantier deploy run { $environment }` y lance une version
deploy-rebuild-unknown = Le journal ne sait pas ce qui tournait dans { $environment }
deploy-rebuild-unknown-hint = Aucun fichier d’une version étiquetée n’est gardé ici non plus : construisez-en une, livrez-la, puis déployez-la
deploy-rebuild-choose-hint = Dites quelle version doit tourner : --release, l’une de { $versions }
deploy-rebuilt = { $version } tourne à nouveau dans { $environment } : { $n ->
    [0] aucune instance n’a été lancée
    [1] une instance a été lancée
   *[other] { $n } instances ont été lancées
}
deploy-rebuilt-nothing = { $version } tourne dans { $environment } ; rien ne manquait
deploy-rebuilt-routed = { $version } tourne dans { $environment } ; les requêtes y vont à nouveau
deploy-rebuilt-files = Le journal ne connaissait pas { $version } : elle vient des fichiers qui en sont gardés
