# adapters

# Le registre
store-io = Impossible de lire ou d’écrire { $path }
store-io-hint = Vérifiez le propriétaire, les droits et le disque du dossier, puis réessayez
store-damaged = Le fichier du registre est endommagé
store-row-damaged = Une ligne du registre est endommagée ({ $table } { $key })
store-rows-damaged = { $n ->
    [1] Une ligne du registre est endommagée et n’est pas montrée
   *[other] { $n } lignes du registre sont endommagées et ne sont pas montrées
}
store-doctor-hint = Lancez « chantier doctor --read-data » pour voir ce qui est endommagé et ce qu’on peut faire
store-newer = { $path } a été écrit par un Chantier plus récent (format { $found }, celui-ci connaît { $known }) ; il est laissé tel quel
store-newer-hint = Lancez le Chantier plus récent, ou choisissez un autre dossier avec --home
store-missing = { $table } { $key } n’existe pas
store-damaged-in-use = { $path } est endommagé et un autre Chantier l’utilise
store-damaged-in-use-hint = Fermez l’autre Chantier, puis relancez : le fichier endommagé sera alors mis de côté
store-closed = Le registre est fermé
store-panicked = Une écriture dans le registre a été interrompue par une faute du programme
store-full = Le disque est plein : le registre n’a pas pu être écrit
store-full-hint = Libérez de la place ; tout ce qui a été confirmé est conservé et la prochaine écriture reprendra
store-busy = Un autre programme occupe le registre
store-busy-hint = Réessayez ; si cela dure, cherchez quel programme garde le fichier ouvert
store-unwritable = Le registre ne peut pas être ouvert en écriture
store-disk-error = Le disque a signalé une erreur : la dernière écriture dans le registre n’est pas confirmée
store-internal = Le registre a refusé une instruction
store-put-aside = { $file } était endommagé. Il est conservé sous { $path } ; { $saved ->
    [0] aucune ligne saine n’a été reprise
    [1] une ligne saine a été reprise
   *[other] { $saved } lignes saines ont été reprises
} dans un nouveau registre
store-put-aside-hint = Rien de faux n’a été repris ; ce qui manque peut encore être cherché dans le fichier conservé
store-memory-only = { $path } n’est pas inscriptible : cette session est gardée en mémoire et oubliée à la fin
store-forgets = Ce qui se fait ici doit d’abord être noté, et le registre n’est pas inscriptible
store-memory-only-hint = Rendez le dossier inscriptible ou libérez de la place, ou choisissez-en un autre avec --home
store-lock-lost = Ce programme ne détient plus le verrou de { $environment }
git-not-a-repository = Hors de tout dépôt git : { $path }
git-not-a-repository-hint = Créez-en un avec `chantier code init`, choisissez un autre dossier, ou nommez avec --repo un dépôt qui se trouve dessous
git-other-owner = Ce dépôt appartient à un autre utilisateur : { $path }
git-other-owner-hint = Si vous faites confiance à son propriétaire, lancez : git config --global --add safe.directory '{ $path }'
git-nested-bare = Un dépôt nu se trouve parmi les fichiers d’une copie de travail, et ses réglages ne sont pas sûrs : { $path }
git-nested-bare-hint = Ouvrez la copie de travail elle-même, ou sortez-en le dépôt nu
git-bare = Un dépôt nu n’a pas de fichiers à modifier : { $path }
git-worktree-elsewhere = D’après ses réglages, les fichiers de ce dépôt sont ailleurs : { $path }
git-worktree-elsewhere-hint = Vérifiez core.worktree dans sa configuration, ou ouvrez ce dossier
git-plan-moved = { $branch } n’est plus ce que ce plan a lu : des commits sont venus ou partis depuis, ou une autre branche est en place
git-plan-moved-hint = Rien n’a été modifié ; relisez le plan
git-worktree-moved = Cet arbre de travail était dans { $path } quand git l’a vu
git-worktree-moved-hint = Tapez « git worktree repair » ici : git saura où il est
git-corrupt-index = L’index de ce dépôt est illisible
git-corrupt-index-hint = Écartez .git/index et lancez `git reset` : les fichiers gardent leur contenu, ce qui était indexé est à indexer de nouveau
git-no-such-revision = Aucun commit, branche ou étiquette ne s’appelle { $name }
git-cut-off-hint = L’historique de ce clone est coupé ; git fetch --unshallow apporte le reste
git-disk-full = Il n’y a plus de place sur le système de fichiers de { $path }
git-undo-in-part = { $n ->
    [1] Une étape a été faite avant celle-ci ; avec --force, celle-ci l’est aussi
   *[other] { $n } étapes ont été faites avant celle-ci ; avec --force, celle-ci l’est aussi
}
git-disk-full-hint = Faites de la place et recommencez : ce qui n’a pas pu être écrit n’a pas été changé
git-filter-failed = Un programme de filtre que ce dépôt demande manque ou a échoué
git-tracked = { $path } est suivi : l’ignorer ne changerait rien
git-tracked-hint = Retirez-le d’abord de git : git rm --cached
git-filter-failed-hint = Installez-le (pour les gros fichiers : git-lfs), ou voyez ce qu’il a dit
git-no-commit-yet = Il n’y a pas encore de commit
git-no-commit-yet-hint = Indexez quelque chose et validez-le
git-no-upstream = La branche { $name } n’en suit aucune autre
git-no-upstream-hint = Nommez le commit d’en dessous, comme HEAD~3, ou l’endroit où mettre les commits avec --onto
git-nothing-stashed = Rien n’est remisé
git-no-such-stash = Il n’y a pas de remise { $name }
git-no-such-stash-hint = chantier code stash list montre leurs numéros
git-no-such-hunk = { $path } a { $n ->
    [1] un bloc
   *[other] { $n } blocs
} : il n’y a pas de bloc { $hunk }
git-tag-not-signed = L’étiquette n’a pas pu être signée
git-tag-not-signed-hint = Vérifiez user.signingKey et l’agent, ou créez l’étiquette sans signature
git-switch-stash-hint = Validez, remisez ou abandonnez d’abord ces modifications ; chantier code switch --stash les emporte
git-no-such-path = Il n’y a pas de fichier { $path }, et git n’en connaît pas
git-bad-expression = L’expression n’est pas lisible pour git
git-no-such-change = Rien n’a changé dans { $path }
git-changed-meanwhile-hint = Le contenu a pu changer depuis l’affichage : regardez de nouveau
git-no-such-line = La ligne { $line } de { $path } n’a pas changé
git-no-such-line-hint = Les lignes se comptent comme la comparaison les montre : les ajoutées du côté nouveau, les supprimées du côté ancien
git-no-lines = { $path } n’a pas de lignes à prendre séparément
git-no-lines-hint = Prenez le fichier entier
git-denied = La lecture du dépôt n’est pas permise
git-unreadable = Le dépôt est illisible
git-other-refs = Les branches et les étiquettes de ce dépôt sont tenues en reftable, que Chantier ne lit pas
git-other-refs-hint = git refs migrate --ref-format=files les tient en fichiers et ne perd rien (git 2.46 et suivants)
git-other-ids = Les commits de ce dépôt ont des identifiants SHA-256, que Chantier ne lit pas
git-other-ids-hint = git init ../copy && git fast-export --all | git -C ../copy fast-import en fait une copie aux identifiants habituels, avec tout l’historique
git-file-failed = Lecture ou écriture impossible : { $path }


process-missing = { $program } n’est pas installé
process-missing-hint = Installez-le, ou dites où il est : chantier config set tools.paths.{ $program } /CHEMIN
process-install-hint = Installez-le
process-missing-tool = tools.paths.{ $name } dans les réglages nomme { $path }, qui n’existe pas
process-missing-tool-hint = Corrigez-le, ou laissez-le chercher à nouveau : chantier config reset tools.paths.{ $name }
process-relative = { $program } est un chemin relatif
process-relative-hint = Donnez le nom seul du programme, ou son chemin absolu
process-lines-cut = { $lines ->
    [1] Une ligne de la sortie dépasse { $max } Kio : { $bytes } octets en ont été omis
   *[other] { $lines } lignes de la sortie dépassent { $max } Kio : { $bytes } octets en ont été omis
}
process-lines-cut-hint = Le journal marque les endroits : … (+octets B). Ce qu’il faut entier, le programme peut l’écrire lui-même dans un fichier
process-not-executable = { $program } ne peut pas être exécuté
process-not-executable-hint = Ce n’est pas un fichier exécutable ; vérifiez ses permissions
process-no-interpreter = { $program } a besoin de { $interpreter }, qui est absent
process-argv-too-long = Les arguments sont trop longs : { $size } octets
process-argv-too-long-hint = Nommez moins de fichiers à la fois, ou passez-les dans un fichier
process-bad-folder = { $path } n’est pas un dossier
process-bad-folder-hint = Il a pu être déplacé ou supprimé ; actualisez l’espace de travail
process-spawn = { $program } n’a pas pu démarrer
process-log = Impossible d’écrire le journal { $path }
process-exit-code = { $program } s’est terminé avec le code { $code }
process-exit-signal = { $program } a été arrêté par { $signal }
process-exit-killed-hint = Quelqu’un l’a tué, ou la machine n’avait plus de mémoire
process-timed-out = { $program } a pris trop de temps et a été arrêté après { $secs } s{ $killed ->
    [1] , de force
   *[other] {""}
}
process-memory-limit = { $program } a dépassé sa limite de mémoire et a été arrêté

trust-never = { $name } n’est pas encore approuvé : ses programmes ne peuvent pas être lancés
trust-replaced = Un autre dossier a pris la place de { $name }, ou il a changé de propriétaire
trust-changed = Des fichiers de { $name } qui nomment des commandes ont changé depuis votre approbation
trust-hint = Regardez ce qu’il lance, puis approuvez-le sur la page DevOps ou avec --trust
trust-broken = La liste des espaces de travail approuvés est abîmée : { $path }
trust-broken-hint = Corrigez le fichier ou supprimez-le ; d’ici là, rien n’est approuvé

git-program-missing = git n’est pas installé
git-program-odd-version = git n’indique pas sa version
git-program-too-much = La réponse de git dépasse { $limit } octets
git-program-untrusted-network = L’espace de travail n’est pas approuvé : git ne peut pas joindre d’autres machines pour lui
git-program-odd-driver = La configuration du dépôt nomme un programme d’une façon qui ne peut pas être désactivée
git-program-locked-by = Le dépôt est utilisé par { $holder }
git-program-locked = Le dépôt est verrouillé, mais aucun programme ne semble tenir le verrou
git-program-locked-hint = Si aucun git ne tourne, supprimez { $path }
git-program-other-owner = { $path } appartient à un autre utilisateur
git-program-other-owner-hint = Si vous lui faites confiance, ajoutez-le à safe.directory dans la configuration de git
git-program-no-repository = { $path } n’est pas un dépôt git
git-program-bare = { $path } contient un dépôt nu, qui pourrait lancer des programmes
git-program-host-changed = La clé de l’autre machine n’est pas celle qui est connue
git-program-host-changed-hint = Quelqu’un est peut-être entre les deux. Seulement si son propriétaire confirme la nouvelle empreinte, oubliez l’ancienne clé avec ssh-keygen -R, puis connectez-vous une fois avec ssh dans un terminal
git-program-host-unknown = La clé de l’autre machine n’est pas encore connue
git-program-host-unknown-hint = Connectez-vous une fois avec ssh dans un terminal et comparez l’empreinte avec celle de son propriétaire, puis réessayez
git-program-host-key = La clé de { $host } n’est pas encore connue : { $kind } { $fingerprint }
git-program-host-key-hint = Comparez l’empreinte avec celle que publie son propriétaire. Si c’est la même, acceptez-la où la fenêtre le demande, ou recommencez avec --accept-host { $fingerprint }
git-program-no-fingerprint = { $text } n’est pas une empreinte
git-program-no-access = L’autre côté demande des identifiants qui manquent
git-program-no-access-hint = Configurez une clé ssh ou un assistant d’identification, puis réessayez dans un terminal

files-missing = { $path } n’existe pas
files-denied = { $path } : permission refusée
files-denied-hint = Vérifiez le propriétaire et les permissions
files-unreadable = Impossible de lire { $path }
files-exists = { $path } existe déjà
files-exists-hint = Choisissez un autre nom ; sur la ligne de commande, --force l’écrase
files-unwritable = Impossible d’écrire { $path }
files-not-a-file = { $path } n’est pas un fichier
files-too-large = { $path } dépasse { $limit } octets
files-not-utf8 = { $path } n’est pas un texte UTF-8
files-disk-full = Le disque est plein : { $path } n’a pas été écrit
files-disk-full-hint = Libérez de l’espace et réessayez ; l’ancien contenu est intact
files-read-only = { $path } se trouve sur un système de fichiers en lecture seule
files-read-only-hint = Choisissez un autre dossier, ou --home
files-leads-out = { $path } mène hors de { $root }
files-leads-out-hint = Un lien ou un .. en chemin pointe à l’extérieur ; rien n’a été fait
files-turn = Un autre programme modifie des fichiers dans { $path }
files-turn-hint = Réessayez ; il faut peut-être d’abord arrêter un chantier qui ne répond plus
files-no-home = Cet utilisateur n’a pas de dossier personnel
files-no-home-hint = Définissez HOME, ou donnez un dossier avec --home
files-home-other-hint = Rendez-le accessible en écriture, ou donnez un autre dossier avec --home
files-home-unusable = Chantier ne peut pas écrire dans { $path } { $why ->
    [read-only] (son système de fichiers est en lecture seule)
    [denied] (accès refusé)
    [disk-full] (le disque est plein)
   *[other] (il ne peut pas être créé)
}
store-log-missing = Le journal de { $job } n’est plus là
store-log-missing-hint = Il a été libéré pour respecter le budget des journaux, ou supprimé à la main
store-log-damaged = Le journal { $path } est endommagé
store-log-full = Le disque est plein : le journal { $path } est incomplet
store-log-full-hint = La tâche elle-même n’en souffre pas ; libérez de la place pour la suivante
store-log-writer-gone = L’écriture des journaux s’est arrêtée

# Le fichier des réglages
settings-io = Impossible de lire ou d’écrire le fichier des réglages { $path }
settings-syntax = { $path }, ligne { $line } : ce n’est pas du TOML
settings-syntax-hint = La ligne est ignorée, tout le reste s’applique
settings-repair-first-hint = Corrigez d’abord la ligne dans un éditeur ; le fichier est laissé tel quel
settings-unknown-key = Le fichier des réglages contient une clé inconnue : { $key }
settings-unknown-key-hint = Elle reste dans le fichier et n’a aucun effet
settings-no-such-key = Le réglage { $key } n’existe pas
settings-list-hint = « chantier config list » montre tous les réglages
settings-did-you-mean = Vouliez-vous dire { $key } ?
settings-wrong-value = Cette valeur ne convient pas à { $key }
settings-relative = { $key } demande des chemins complets ; { $path } n’en est pas un
settings-ignored-hint = Elle n’a aucun effet
settings-default-hint = La valeur par défaut { $default } s’applique
settings-limits = { $key } doit être compris entre { $least } et { $greatest }
settings-nearest-hint = La valeur permise la plus proche s’applique

# Le diagnostic
doctor-ok = en ordre
doctor-unknown = inconnu
doctor-folder = Dossier des données { $path }
doctor-folder-missing = pas encore créé
doctor-folder-no-folder = n’est pas un dossier
doctor-folder-read-only = impossible d’y écrire
doctor-folder-open = d’autres utilisateurs peuvent y regarder (mode { $mode })
doctor-folder-open-hint = Mettez son mode à 700
doctor-disk = Espace libre
doctor-disk-free = { $mb } Mo
doctor-format = Format de { $file }
doctor-no-file = pas encore créé
doctor-format-old = version { $found }, la plus récente est { $known }
doctor-format-old-hint = Le prochain démarrage de Chantier le met à jour, après une copie
doctor-structure = Structure de { $file }
doctor-damaged = endommagé
doctor-damaged-hint = Démarrez Chantier une fois : ce qui est sain est repris dans un nouveau fichier, l’endommagé est conservé
doctor-rows = Chaque ligne de { $file }
doctor-rows-ok = { $n ->
    [0] aucune ligne
    [1] une ligne lue
   *[other] { $n } lignes lues
}
doctor-rows-hint = Les lignes endommagées sont écartées partout ; tout le reste est utilisable
doctor-audit = Chaîne du journal d’audit
doctor-audit-ok = { $n ->
    [0] aucune entrée
    [1] une entrée, chaîne intacte
   *[other] { $n } entrées, chaîne intacte
}
doctor-audit-broken = rompue à l’entrée { $n }
doctor-audit-hint = Une entrée a été modifiée ou supprimée hors de Chantier, ou abîmée par le disque
doctor-logs = Journaux nommés par le registre
doctor-logs-ok = { $n ->
    [0] aucun journal
    [1] un journal, présent
   *[other] { $n } journaux, tous présents
}
doctor-logs-missing = { $n ->
    [1] un journal manque ou est endommagé
   *[other] { $n } journaux manquent ou sont endommagés
}
doctor-logs-hint = Les exécutions restent connues ; seule leur sortie est perdue
doctor-kept = Artefacts et fichiers des versions
doctor-kept-ok = { $n ->
    [0] aucun fichier
    [1] un fichier, présent
   *[other] { $n } fichiers, tous présents
}
doctor-kept-read = { $n ->
    [0] aucun fichier
    [1] un fichier, inchangé
   *[other] { $n } fichiers, tous inchangés
}
doctor-kept-wrong = { $n ->
    [1] un fichier manque ou a changé
   *[other] { $n } fichiers manquent ou ont changé
}
doctor-kept-hint = Impossible de les déployer ou d’y revenir ; reprenez-les d’une copie, ou construisez et publiez à nouveau
doctor-trust = Confiance accordée aux espaces de travail
doctor-trust-ok = { $n ->
    [0] aucun espace de travail
    [1] un espace de travail
   *[other] { $n } espaces de travail
}
doctor-tools = Programmes nommés dans les réglages, et git
doctor-locks = Verrous et baux de programmes disparus
doctor-jobs = Exécutions dont le programme a disparu
doctor-instances = Instances dont le processus a disparu
doctor-deployments = Déploiements restés à mi-chemin
doctor-deployments-hint = Ouvrez Déploiement, ou lancez « chantier deploy recover », pour le terminer ou l’annuler
doctor-orphans = Processus qu’un programme tué avait lancés
doctor-processes = Processus d’instances arrêtées
doctor-processes-hint = Arrêtez le processus à la main, ou adoptez-le dans Exploitation
doctor-left = { $n ->
    [one] { $n } trouvé
   *[other] { $n } trouvés
}
doctor-repair-hint = « chantier doctor --repair » y remédie
doctor-half-written = Fichiers à moitié écrits
doctor-removed = { $n ->
    [one] { $n } supprimé
   *[other] { $n } supprimés
}
doctor-put-aside = Fichiers endommagés conservés
git-outside-checkout = Pas un fichier de la copie de travail, ou derrière un lien : { $path }
git-not-a-file = Pas un simple fichier : { $path }
git-not-a-file-hint = Les sous-modules, les dépôts imbriqués et les fichiers spéciaux ne sont pas touchés : faites-le à la main
git-too-large-to-keep = Trop gros pour être gardé en vue d’une annulation : { $path }
git-too-large-to-keep-hint = Supprimez-le à la main, ou ignorez-le
git-conflicted = En conflit : { $path }
git-conflicted-hint = Résolvez le conflit et indexez le fichier
git-filtered = Un filtre change le contenu entre l’index et le fichier : { $path }
git-filtered-hint = Faites-le pour le fichier entier
git-taken-back = L’entrée { $id } a déjà été annulée
git-taken-back-hint = Refaites-la avec : chantier code redo --entry { $id }
git-not-taken-back = L’entrée { $id } n’a pas été annulée
git-not-taken-back-hint = Annulez-la avec : chantier code undo --entry { $id }
git-other-than-remote = { $branch } est ici un autre commit que { $remote }
git-other-than-remote-hint = Allez sur { $branch } puis tirez, ou regardez { $remote } comme un commit : chantier code switch refs/remotes/{ $remote }
git-outside-sparse = Ces fichiers sont hors de l’extraction partielle
git-outside-sparse-hint = Ajoutez-y d’abord leur dossier : git sparse-checkout add DOSSIER
git-act-upstream-gone = La branche que celle-ci suit n’existe plus sur le dépôt distant
git-act-upstream-gone-hint = Poussez cette branche à nouveau, ou choisissez un autre amont
git-is-submodule = { $path } est un sous-module
git-is-submodule-hint = Ramenez-le au commit indexé avec : chantier code submodule update { $path }
git-act-unstaged-left = Des fichiers sont modifiés et non indexés
git-act-unstaged-left-hint = Modifiez le commit avec eux, indexez-les ou abandonnez-les ; puis continuez
git-edited-meanwhile = { $path } a été modifié depuis que git y a mis ses marques ; ces modifications seraient perdues
git-edited-meanwhile-hint = Marquez-le résolu tel quel, ou prenez quand même les blocs (--force)
git-act-push-refused = Le crochet { $hook } a refusé l’envoi
git-act-hook-refused = Le crochet { $hook } a refusé
git-act-merge-hook-hint = La fusion attend : corrigez ce que dit le crochet, puis continuez, ou abandonnez-la
git-act-exec-failed = { $command } a échoué
git-act-exec-failed-hint = Le rebase attend là : corrigez puis continuez, ou abandonnez
git-act-name-taken = Il y a une branche { $name }, et aucune autre ne peut porter une partie de son nom
git-stash-untracked-hint = Il n’est pas suivi : remisez-le avec --include-untracked
git-no-such-undo = Il n’y a pas d’annulation { $id }
git-went-on = { $n ->
    [one] Modifié depuis : { $first }
   *[other] { $n } choses modifiées depuis, d’abord { $first }
}
git-went-on-hint = Annulez d’abord les étapes plus récentes, ou passez outre : ce qui s’y trouve est gardé
git-nothing-to-undo = Plus rien à annuler
git-nothing-to-redo = Rien à refaire
git-nothing-to-redo-hint = Ce qui a été annulé avant la dernière étape peut encore être refait par son numéro
git-untrusted = Modifier un dépôt exécute ce qu’il nomme, et cet espace de travail n’est pas de confiance : { $path }
git-bad-branch-name = Ce n’est pas un nom de branche : { $name }
git-bad-branch-name-hint = Des lettres, chiffres, tirets et barres obliques conviennent ; ni espace, ni « .. », ni « .lock » à la fin
git-branch-exists = Une branche porte déjà ce nom : { $name }
git-branch-elsewhere = Une autre copie de travail utilise { $name }
git-switch-overwrites = { $n ->
    [one] Aller sur { $name } écraserait les modifications d’un fichier
   *[other] Aller sur { $name } écraserait les modifications de { $n } fichiers
}
git-switch-overwrites-hint = Validez ou abandonnez d’abord ces modifications

http-bad-address = Ce n’est pas une adresse : { $text }
http-no-such-host = Hôte introuvable
http-refused = Personne n’écoute
http-timed-out = Pas de réponse en { $after } ms
tls-ended = Le certificat a pris fin le { $date }, il y a { $days ->
    [1] { $days } jour
   *[other] { $days } jours
}
tls-not-yet = Le certificat ne vaut pas avant le { $date }
tls-by-self = Le certificat est signé par lui-même ; si c’est le vôtre, indiquez-le comme ca
tls-unknown-issuer = Le certificat n’est signé par personne que cette machine connaisse ; le signataire peut être indiqué comme ca
tls-other-name = Le certificat est pour { $names }, pas pour { $asked }
tls-not-spoken = Ce port ne parle pas TLS
http-closed = Ferme la connexion sans répondre
http-tls = Pas de connexion sûre : { $why }
http-other = { $why }
deliver-failed = Impossible de lire ou d’écrire { $path }
deliver-full-hint = Le disque est plein ; libérez de la place
deliver-no-file = Ce n’est pas un simple fichier : { $path }
desktop-not-a-web-link = Seuls les liens vers des pages web sont ouverts
desktop-no-browser = { $url } n’a pas pu être ouvert dans un navigateur
desktop-no-browser-hint = Choisissez un navigateur par défaut, ou copiez le lien
watch-limit = { $path } a plus de { $limit } dossiers à surveiller, la part que le système laisse à ce programme : il est relu toutes les { $secs } secondes
watch-limit-hint = Augmentez fs.inotify.max_user_watches, ou ignorez les dossiers pleins de fichiers

# Le moteur de conteneurs
docker-away = Il n’y a pas de moteur de conteneurs sur cette machine
docker-away-at = Il n’y a pas de moteur de conteneurs là où mène { $host }
docker-away-at-hint = Sans DOCKER_HOST ni DOCKER_CONTEXT, c’est le moteur de cette machine ; docker context ls liste les autres
docker-unsupported = Le moteur de conteneurs { $what } n’est pas joignable ainsi
docker-unsupported-hint = Les sockets Unix et tcp:// sans TLS sont pris en charge ; pour ssh:// et TLS, ouvrez un tunnel vers son socket et posez DOCKER_HOST=unix://…
docker-broken = Le moteur de conteneurs ne donne pas de réponse utilisable
docker-silent = Le moteur de conteneurs ne répond pas en { $secs } s
docker-broken-hint = Vérifiez que son service est en marche ; ce que l’on savait de ses conteneurs est marqué inconnu
docker-gone = Le conteneur n’est plus là
git-no-such-file = Il n’y a pas de fichier { $path } dans ce commit
git-too-large-to-blame = Le fichier est trop grand pour un blame : { $bytes } octets

editor-none = Aucun éditeur n’est choisi
editor-none-hint = Choisissez-en un dans Configuration, Général, Éditeur : code --goto {"{"}file{"}"}:{"{"}line{"}"}, ou VISUAL dans votre environnement
editor-needs-terminal = { $name } a besoin d’un terminal, et aucun programme de terminal n’a été trouvé
editor-needs-terminal-hint = Tapez dans un terminal : { $command }
editor-no-file = Il n’y a pas de fichier { $path }
editor-failed = L’éditeur s’est arrêté aussitôt : { $command }
git-nothing-to-stash = Aucun changement à remiser
git-stash-overwrites = { $n ->
    [1] Le changement d’un fichier gêne la remise
   *[other] Les changements de { $n } fichiers gênent la remise
}
git-stash-branch-exists = Une branche de ce nom existe
git-stash-conflicts = La remise est en conflit avec les fichiers ; elle est gardée
git-stash-conflicts-hint = Résolvez les conflits, ou annulez l’étape
docker-refused = Le moteur de conteneurs refuse
docker-ignore-bad = .dockerignore : { $pattern } n’est pas un motif
docker-ignore-bad-hint = Placez une barre oblique inverse devant un caractère à prendre tel quel
docker-reaches-out = Ce conteneur sortirait de sa boîte : { $what }
docker-reaches-out-hint = Retirez-le, ou dites qu’il est voulu (--allow-host en ligne de commande)
docker-bad-restart = { $word } n’est pas une politique de redémarrage : no, on-failure, always ou unless-stopped
docker-no-image = Il n’y a pas d’image { $image } sur cette machine
docker-no-image-hint = Construisez-la, chargez-la ou importez-la d’abord ; rien n’est téléchargé à votre insu
docker-bad-port = { $port } n’est pas un port à publier
docker-bad-port-hint = Écrivez 8080:80, 127.0.0.1:8080:80/tcp, ou 80 pour un port libre de cette machine
docker-kind-container = Conteneur
docker-kind-image = Image
docker-kind-volume = Volume
docker-kind-network = Réseau
docker-kind-build-cache = Cache de construction

deb-wrong = Le paquet Debian ne peut pas avoir ce { $what } : { $value }
deb-wrong-hint = Réglez release.deb.{ $what } dans chantier.toml. Le nom d’un paquet est fait de a-z, 0-9, +, - et . ; un mainteneur s’écrit NOM <ADRESSE>.
deb-no-file = Il n’y a pas de fichier { $path } pour le paquet Debian
deb-no-file-hint = release.deb.files nomme des fichiers du dépôt : où ils vont = où ils sont.
deb-unread = Un fichier du paquet Debian n’a pas pu être lu
sign-key-wrong = La clé { $path } ne peut pas signer
sign-key-wrong-hint = Il faut une clé secrète de minisign ; minisign -G en fait une.
secrets-not-masked-hint = Tant que ce dossier ne peut pas être lu, ce que contiennent les secrets ne peut pas être masqué dans ce qui est affiché et conservé
sign-password-wrong = Le mot de passe n’ouvre pas la clé { $path }
sign-password-wrong-hint = Redonnez-le : « chantier config secret set NAME » avec le nom que dit release.sign_password
sign-key-inside = La clé { $path } n’est pas hors du dépôt
sign-key-inside-hint = Écrivez un chemin absolu, ou qui commence par ~/ : un secret n’a pas sa place dans un dépôt.
sign-password-missing = La clé { $path } veut un mot de passe
sign-password-missing-hint = Réglez la variable { $variable }, ou prenez une clé sans mot de passe (minisign -G -W).
sign-public-wrong = La clé publique n’en est pas une de minisign
sign-public-wrong-hint = release.public_key dans chantier.toml est la deuxième ligne du fichier .pub ; elle commence par RW.
sign-bad = La signature n’est pas bonne
sign-missing = La version n’est pas signée
sign-missing-hint = Le projet veut des signatures (release.public_key) : faites une version avec release.sign_key.
sign-not-listed = Les sommes signées ne nomment pas { $name } tel qu’il a été enregistré

# Autres machines
ssh-nul = Ce qui doit être fait sur { $host } contient un caractère qu’aucun programme ne peut recevoir
ssh-bad-host = { $host } n’est pas le nom d’une machine
ssh-bad-host-hint = Écrivez target.host comme votre propre ssh le connaît : un nom de ~/.ssh/config, un hôte, ou utilisateur@hôte
ssh-host-changed = La clé de { $host } n’est pas celle qui est connue
ssh-host-unknown = La clé de { $host } n’est pas encore connue
ssh-host-key = La clé de { $host } n’est pas encore connue : { $kind } { $fingerprint }
ssh-host-key-hint = Comparez l’empreinte avec celle que publie son propriétaire. Si c’est la même, connectez-vous une fois avec ssh { $host } dans un terminal et acceptez-la là
ssh-no-access = { $host } ne nous laisse pas entrer
ssh-no-access-hint = Chantier se sert de votre propre ssh sans demander de mot de passe : ssh -o BatchMode=yes { $host } true doit réussir dans un terminal
ssh-unreachable = { $host } n’est pas joignable
ssh-unreachable-hint = Vérifiez que ssh { $host } marche dans un terminal. Ce qui y tourne est inconnu tant qu’il ne répond pas
ssh-lost = La connexion à { $host } s’est rompue
ssh-slow = { $host } n’a pas répondu à temps
ssh-no-root = { $host } ne laisse pas Chantier y installer une unité
ssh-no-root-hint = Connectez-vous en root, ou permettez à l’utilisateur de ssh { $host } d’utiliser sudo sans mot de passe : sudo -n true doit y réussir
ssh-disk-full = Le disque de { $host } est plein
ssh-disk-full-hint = Faites-y de la place, ou gardez moins de versions (target.keep), puis réessayez
ssh-failed = Une commande a échoué sur { $host }
ssh-file-differs = { $path } sur { $host } n’est pas ce qu’il doit être
ssh-file-differs-hint = Lancez « chantier recover { $environment } » : les fichiers redeviennent ceux du déploiement
ssh-no-systemd = systemd ne tourne pas sur { $host }
ssh-read-only = { $path } sur { $host } n’est pas accessible en écriture
ssh-foreign = { $path } sur { $host } appartient à autre chose
ssh-foreign-hint = Choisissez un autre target.dir ou target.unit, ou retirez-y à la main ce qui gêne
ssh-port-taken = Le port { $port } de { $host } est pris par un autre programme
ssh-port-taken-hint = Voyez lequel avec ssh { $host } ss -ltnp, puis arrêtez-le ou choisissez un autre target.port que { $port }
ssh-not-started = { $unit } ne démarre pas sur { $host }
ssh-not-stopped = { $unit } ne s’arrête pas sur { $host }
ssh-runs-other = { $unit } sur { $host } fait tourner autre chose que ce qui était demandé
ssh-bad-folder = { $path } ne peut pas être le dossier d’un déploiement
ssh-bad-folder-hint = Écrivez un chemin absolu d’au moins deux noms, comme /opt/app
ssh-bad-unit = { $name } n’est pas un nom d’unité
ssh-bad-unit-hint = Lettres, chiffres, traits d’union, points et tirets bas : app, ou app.service
ssh-bad-user = { $name } n’est pas un nom d’utilisateur
ssh-bad-setting = Le réglage { $name } ne peut pas être donné à une unité
ssh-bad-word = Un mot de target.run ne peut pas être donné à systemd : { $text }
ssh-late = Quelqu’un d’autre modifie { $host } en même temps

proxy-no-backend = HAProxy n’a pas de backend { $backend }
proxy-not-set = HAProxy n’a pas pris ce qui a été réglé pour le serveur { $server }
proxy-not-set-hint = Regardez ce qu’il a dit ; quelqu’un d’autre règle peut-être le même serveur
proxy-away = HAProxy ne répond pas à { $socket }
proxy-away-hint = Démarrez-le, ou regardez sa ligne « stats socket »
proxy-not-admin = HAProxy n’y laisse personne changer ses serveurs
proxy-not-admin-hint = Sa ligne « stats socket » demande « level admin »
proxy-bad-name = Pas un nom pour HAProxy : { $name }

# database
database-failed = La base de données { $database } n’a pas fait ce qui était demandé
database-in-use = Quelqu’un utilise la base de données { $database }
database-in-use-hint = Terminez le programme qui l’a ouverte, puis réessayez
database-broken = La base de données { $database } est abîmée
database-backup-gone = La copie des données a disparu : { $path }
database-backup-changed = La copie des données a été modifiée : { $path }
database-no-way-back = Les données de { $database } ne pourraient pas être remises, donc rien n’y est modifié
database-no-way-back-hint = Donnez au rôle ce que nomme le message, par exemple la propriété de ces objets ; ou omettez « database » et migrez par une tâche à vous
database-differs = { $database } n’est pas ce qu’elle était une fois la copie remise
database-secret-form = Un mot de passe est nommé par le lieu où il est
database-secret-form-hint = Écrivez password = "secret:NOM" ou "env:NOM"
database-secret-missing = La variable { $name }, mot de passe de la base de données, n’est pas définie
database-secret-missing-hint = Définissez { $name } là où Chantier est lancé

# Services
systemd-refused = Le gestionnaire de services ({ $manager }) ne l’a pas fait
doctor-settings = Réglages ({ $path })
doctor-settings-good = chaque ligne est en vigueur
doctor-setting = Réglages, ligne { $line }
settings-import-hint = Rien du fichier n’a été repris
