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
