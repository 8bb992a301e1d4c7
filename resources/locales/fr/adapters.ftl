# adapters

# Le registre
store-io = Impossible de lire ou d’écrire { $path }
store-io-hint = Vérifiez le propriétaire, les droits et le disque du dossier, puis réessayez
store-damaged = Le fichier du registre est endommagé
store-row-damaged = Une ligne du registre est endommagée ({ $table } { $key })
store-rows-damaged = { $n ->
    [one] Une ligne du registre est endommagée et n’est pas montrée
   *[other] { $n } lignes du registre sont endommagées et ne sont pas montrées
}
store-doctor-hint = Lancez « chantier doctor --read-data » pour voir ce qui est endommagé et ce qu’on peut faire
store-newer = { $path } a été écrit par un Chantier plus récent (format { $found }, celui-ci connaît { $known }) ; il est laissé tel quel
store-newer-hint = Lancez le Chantier plus récent, ou choisissez un autre dossier avec --home
store-missing = { $table } { $key } n’existe pas
store-damaged-in-use = { $path } est endommagé et un autre Chantier l’utilise
store-damaged-in-use-hint = Fermez l’autre Chantier, puis relancez : le fichier endommagé sera alors mis de côté
store-closed = Le registre est fermé
store-panicked = Une écriture dans le registre a été interrompue par une faute du programme
store-full = Le disque est plein : le registre n’a pas pu être écrit
store-full-hint = Libérez de la place ; tout ce qui a été confirmé est conservé et la prochaine écriture reprendra
store-busy = Un autre programme occupe le registre
store-busy-hint = Réessayez ; si cela dure, cherchez quel programme garde le fichier ouvert
store-unwritable = Le registre ne peut pas être ouvert en écriture
store-disk-error = Le disque a signalé une erreur : la dernière écriture dans le registre n’est pas confirmée
store-internal = Le registre a refusé une instruction
store-put-aside = Le registre était endommagé. Il est conservé sous { $path } ; { $saved ->
    [one] une ligne saine a été reprise
   *[other] { $saved } lignes saines ont été reprises
} dans un nouveau registre
store-put-aside-hint = Rien de faux n’a été repris ; ce qui manque peut encore être cherché dans le fichier conservé
store-memory-only = { $path } n’est pas inscriptible : cette session est gardée en mémoire et oubliée à la fin
store-memory-only-hint = Rendez le dossier inscriptible ou libérez de la place, ou choisissez-en un autre avec --home
store-lock-lost = Ce programme ne détient plus le verrou de { $environment }
git-not-a-repository = Hors de tout dépôt git : { $path }
git-not-a-repository-hint = Créez-en un avec `git init`, ou choisissez un autre dossier
git-other-owner = Ce dépôt appartient à un autre utilisateur : { $path }
git-other-owner-hint = Si vous faites confiance à son propriétaire, lancez : git config --global --add safe.directory '{ $path }'
git-nested-bare = Un dépôt nu se trouve parmi les fichiers d’une copie de travail, et ses réglages ne sont pas sûrs : { $path }
git-nested-bare-hint = Ouvrez la copie de travail elle-même, ou sortez-en le dépôt nu
git-bare = Un dépôt nu n’a pas de fichiers à modifier : { $path }
git-worktree-elsewhere = D’après ses réglages, les fichiers de ce dépôt sont ailleurs : { $path }
git-worktree-elsewhere-hint = Vérifiez core.worktree dans sa configuration, ou ouvrez ce dossier
git-corrupt-index = L’index de ce dépôt est illisible
git-corrupt-index-hint = Écartez .git/index et lancez `git reset` : les fichiers gardent leur contenu, ce qui était indexé est à indexer de nouveau
git-no-such-revision = Aucun commit, branche ou étiquette ne s’appelle { $name }
git-no-such-change = Rien n’a changé dans { $path }
git-changed-meanwhile-hint = Le contenu a pu changer depuis l’affichage : regardez de nouveau
git-denied = La lecture du dépôt n’est pas permise
git-unreadable = Le dépôt est illisible
git-file-failed = Lecture ou écriture impossible : { $path }
