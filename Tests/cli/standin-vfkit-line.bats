#!/usr/bin/env bats
# What vfkit 0.6.4 says to a command line, the stand-in says too. Each table is from the file of vfkit that it names; a part of
# them, and 90 000 random command lines, have been put to vfkit's own parser. Tests/standins/verdicts has the four verdicts.

load helpers

setup() {
  own_folder
  mkdir fixtures
  cd fixtures || return
  mkdir folder 'a folder'
  truncate -s 4096 disk.img other.img
  printf 'QFI\xfb' >image.qcow2
  truncate -s 4096 image.qcow2
  truncate -s 513 odd.img
  : >empty
  echo variables >store
  # A kernel for arm64, and one as it is often installed: compressed.
  truncate -s 56 kernel
  printf 'ARM\x64' >>kernel
  printf 'MZ' | gzip >kernel.gz
  : >initrd
  : >user-data
}

# verdicts WORD... <TABLE: the stand-in says the same to each row of the table.
verdicts() {
  run --separate-stderr -0 "$REPO/Tests/standins/verdicts" "$@"
  echo "$output"
  [ "$output" = "" ]
}

efi=(--bootloader "efi,variable-store=store")
disk=(--device "virtio-blk,path=disk.img")

@test "flags: pflag, and pkg/cmdline/cmdline.go" {
  verdicts "${efi[@]}" "${disk[@]}" <<'END'
taken
taken -c2 -m512
taken -c=2 -m 512
taken --cpus=2 --memory=512
taken --cpus 2 --cpus 4
taken --cpus 0x8
taken --cpus 010
taken --memory 1_024
refused --cpus 08
refused --cpus 1__0
refused --cpus +2
refused --cpus -1
refused --cpus 2.0
refused --cpus ''
refused --cpus
refused --memory 2G
refused --memory 512M
refused --memory ' 512'
refused --memory 18446744073709551616
taken --nested --gui
taken -nc2
taken --nested=false
refused --nested=yes
silent --nested true
silent operand
silent -- --cpus 2
refused --cpu 2
refused -x
refused -cpus 2
refused --=2
taken --log-level debug
taken --log-level ''
refused --log-level warn
refused --log-level ERROR
taken --pidfile pid
refused --pidfile missing/pid
taken --ignition missing
refused --ignition a,b
taken --cloud-init user-data
refused --cloud-init missing/user-data
refused --cloud-init disk.img
END
}

@test "processors and memory: Virtualization.framework" {
  verdicts "${efi[@]}" "${disk[@]}" <<'END'
taken --cpus 8 --memory 16384
invalid --cpus 0
invalid --cpus 9
invalid --memory 0
invalid --memory 1
invalid --memory 3
taken --memory 4
invalid --memory 16385
silent --memory 17592186044417
END
}

@test "boot loaders: pkg/config/bootloader.go, pkg/cmdline/string_slice.go, pkg/vf/bootloader.go" {
  verdicts "${disk[@]}" <<'END'
refused
refused --bootloader ''
refused --bootloader ,efi
refused --bootloader bios
refused --bootloader EFI
refused --bootloader efi
taken --bootloader efi,variable-store=store
taken --bootloader efi,,variable-store=store,
taken --bootloader efi --bootloader variable-store=store
taken --bootloader '"efi","variable-store=store"'
refused --bootloader 'efi,variable-store="store"'
refused --bootloader 'efi,variable-store="store'
refused --bootloader efi,variable-store=missing
invalid --bootloader efi,variable-store=empty
invalid --bootloader efi,variable-store=folder
taken --bootloader efi,variable-store=new,create
taken --bootloader efi,variable-store=new,create=
refused --bootloader efi,variable-store=new,create=true
refused --bootloader efi,variable-store=missing/new,create
refused --bootloader efi,create
silent --bootloader efi,variable-store=store,create
refused --bootloader efi,variable-store=store,readonly
refused --bootloader efi,Variable-Store=store
silent --bootloader macos
refused --bootloader macos,kernel=kernel
taken --bootloader linux,kernel=kernel,initrd=initrd
taken --bootloader 'linux,kernel=kernel,initrd=initrd,"cmdline=a,b"'
refused --bootloader linux,kernel=kernel
refused --bootloader linux,initrd=initrd
refused --bootloader linux,kernel=kernel,initrd=missing
refused --bootloader linux,kernel=kernel.gz,initrd=initrd
refused --bootloader linux,kernel=empty,initrd=initrd
refused --bootloader linux,kernel=folder,initrd=initrd
refused --bootloader linux,kernel=kernel,initrd=initrd,command=a
taken --kernel kernel --initrd initrd --kernel-cmdline 'a, "b"=c'
taken -k kernel -i initrd -C ''
refused --kernel kernel
refused --kernel kernel --initrd initrd
refused --kernel kernel --kernel-cmdline a
refused --kernel kernel --initrd '' --kernel-cmdline a
refused --kernel kernel.gz --initrd initrd --kernel-cmdline a
refused --kernel '' --initrd '' --kernel-cmdline ''
refused --kernel kernel --initrd initrd --kernel-cmdline a --bootloader efi,variable-store=store
END
}

@test "disks: pkg/config/virtio.go, DiskStorageConfig in pkg/vf/virtio.go" {
  verdicts "${efi[@]}" <<'END'
silent
taken --device virtio-blk,path=disk.img
taken -dvirtio-blk,path=disk.img
taken --device virtio-blk,path=disk.img --device virtio-blk,path=other.img
taken --device virtio-blk,path=other.img,path=disk.img
refused --device virtio-blk
refused --device virtio-blk,path
refused --device virtio-blk,path=
refused --device virtio-blk,path=missing
refused --device virtio-blk,path=empty
refused --device virtio-blk,path=folder
refused --device virtio-blk,path=image.qcow2
invalid --device virtio-blk,path=odd.img
taken --device virtio-blk,path=disk.img,type=image
taken --device virtio-blk,path=disk.img,type=
refused --device virtio-blk,path=disk.img,type=qcow2
refused --device virtio-blk,path=disk.img,type=raw
refused --device virtio-blk,path=disk.img,type=dev
taken --device virtio-blk,path=disk.img,readonly
taken --device virtio-blk,path=disk.img,readonly=
refused --device virtio-blk,path=disk.img,readonly=1
refused --device virtio-blk,path=disk.img,readOnly
refused --device virtio-blk,path=disk.img,format=raw
refused --device virtio-blk,Path=disk.img
refused --device 'virtio-blk, path=disk.img'
refused --device '"virtio-blk,path=disk.img"'
taken --device virtio-blk,path=disk.img,deviceId=virby
invalid --device virtio-blk,path=disk.img,deviceId=abcdefghijklmnopqrstu
refused --device virtio-scsi,path=disk.img
refused --device ''
refused --device
END
  verdicts "${efi[@]}" "${disk[@]}" <<'END'
taken --device nvme,path=other.img
taken --device usb-mass-storage,path=other.img,readonly
taken --device nvme,path=image.qcow2
refused --device nvme
refused --device usb-mass-storage,path=missing
refused --device nvme,path=other.img,deviceId=a
taken --device nbd,uri=nbd://host/export,deviceId=a
taken --device nbd,uri=nbd+unix:///export?socket=a,deviceId=a,timeout=3000,sync=none,readonly
refused --device nbd,deviceId=a
refused --device nbd,uri=nbd://host/export
refused --device nbd,uri=http://host/export,deviceId=a
refused --device nbd,uri=nbd://host/export,deviceId=a/b
refused --device nbd,uri=nbd://host/export,deviceId=a,timeout=4294967296
refused --device nbd,uri=nbd://host/export,deviceId=a,sync=fsync
END
}

@test "network: VirtioNet in pkg/config/virtio.go" {
  verdicts "${efi[@]}" "${disk[@]}" <<'END'
taken --device virtio-net,nat,mac=02:94:00:0a:01:02
taken --device virtio-net,mac=02-94-00-0A-01-02,nat=
taken --device virtio-net,nat,mac=0294.000a.0102
silent --device virtio-net,nat
silent --device virtio-net,nat,mac=02:94:00:0a:01:02:03:04
silent --device virtio-net,nat,mac=ff:ff:ff:ff:ff:ff
silent --device virtio-net,nat,mac=03:94:00:0a:01:02
silent --device virtio-net,nat,mac=00:00:00:00:00:00
refused --device virtio-net,nat,mac=
refused --device virtio-net,nat,mac=2:94:0:a:1:2
refused --device virtio-net,nat,mac=02:94:00:0a:01
refused --device virtio-net,nat,mac=02:94-00:0a:01:02
refused --device virtio-net,nat=on,mac=02:94:00:0a:01:02
refused --device virtio-net
refused --device virtio-net,mac=02:94:00:0a:01:02
refused --device virtio-net,bridged,mac=02:94:00:0a:01:02
refused --device virtio-net,fd=900,mac=02:94:00:0a:01:02
refused --device virtio-net,fd=-1,mac=02:94:00:0a:01:02
refused --device virtio-net,fd=three,mac=02:94:00:0a:01:02
refused --device virtio-net,nat,fd=3,mac=02:94:00:0a:01:02
refused --device virtio-net,unixSocketPath=missing,mac=02:94:00:0a:01:02
refused --device virtio-net,nat,unixSocketPath=missing,mac=02:94:00:0a:01:02
refused --device virtio-net,type=unixgram,mac=02:94:00:0a:01:02
refused --device virtio-net,type=unixgram,fd=3,mac=02:94:00:0a:01:02
refused --device virtio-net,type=unixstream,path=missing,mac=02:94:00:0a:01:02
refused --device virtio-net,path=missing,mac=02:94:00:0a:01:02
refused --device virtio-net,nat,offloading=off,mac=02:94:00:0a:01:02
refused --device virtio-net,nat,offloading=on,mac=02:94:00:0a:01:02
taken --device virtio-net,nat,vfkitMagic=off,mac=02:94:00:0a:01:02
refused --device virtio-net,nat,vfkitMagic=false,mac=02:94:00:0a:01:02
END
}

@test "console, shares and the rest: pkg/config/virtio.go, pkg/vf/virtio.go" {
  exec </dev/null
  local long=abcdefghijklmnopqrstuvwxyz012345678
  verdicts "${efi[@]}" "${disk[@]}" <<END
taken --device virtio-serial,logFilePath=console
refused --device virtio-serial
refused --device virtio-serial,logFilePath=
refused --device virtio-serial,logFilePath=missing/console
refused --device virtio-serial,logFilePath=folder
refused --device virtio-serial,logFilePath=console,stdio
refused --device virtio-serial,stdio
refused --device virtio-serial,stdio=on
taken --device virtio-serial,pty
taken --device virtio-serial,pty=on
refused --device virtio-serial,pty,logFilePath=console
taken --device virtio-fs,sharedDir=folder,mountTag=tag
taken --device 'virtio-fs,sharedDir=a folder,mountTag=a tag'
taken --device virtio-fs,sharedDir=folder
taken --device virtio-fs,sharedDir=folder,mountTag=a=b
refused --device virtio-fs,mountTag=tag
refused --device virtio-fs,sharedDir=missing,mountTag=tag
invalid --device virtio-fs,sharedDir=disk.img,mountTag=tag
refused --device virtio-fs,sharedDir=folder,mountTag=tag,readonly
taken --device virtio-fs,sharedDir=folder,mountTag=$long
invalid --device virtio-fs,sharedDir=folder,mountTag=${long}9
invalid --device virtio-fs,sharedDir=folder,mountTag=${long%5678}ééé
invalid --device virtio-fs,sharedDir=folder,mountTag=tag --device virtio-fs,sharedDir=folder,mountTag=tag
invalid --device virtio-fs,sharedDir=folder --device virtio-fs,sharedDir=folder
invalid --device rosetta,mountTag=rosetta --device virtio-fs,sharedDir=folder,mountTag=rosetta
taken --device virtio-fs,sharedDir=folder,mountTag=a --device virtio-fs,sharedDir=folder,mountTag=b
taken --device rosetta,mountTag=rosetta
taken --device rosetta,mountTag=rosetta,install,ignore-if-missing
refused --device rosetta,mountTag=rosetta,ignoreIfMissing
refused --device rosetta
taken --device virtio-rng --device virtio-balloon
refused --device virtio-rng,rate=1
refused --device virtio-balloon,size=1
taken --device virtio-gpu --device virtio-input,keyboard --device virtio-input,pointing
taken --device virtio-gpu,width=800,height=600
refused --device virtio-gpu,width=800
refused --device virtio-gpu,width=0,height=600
refused --device virtio-input
refused --device virtio-input,keyboard=us
END
}

@test "vsock and the time: VirtioVsock in pkg/config/virtio.go, TimeSync in pkg/config/config.go" {
  verdicts "${efi[@]}" "${disk[@]}" <<'END'
taken --device virtio-vsock,port=22,socketURL=/run/ssh.sock,connect
taken --device virtio-vsock,port=4294967295,socketURL=/run/ssh.sock,connect
taken --device virtio-vsock,port=22,socketURL=/run/ssh.sock,listen,connect
refused --device virtio-vsock,port=4294967296,socketURL=/run/ssh.sock,connect
refused --device virtio-vsock,port=0x16,socketURL=/run/ssh.sock,connect
refused --device virtio-vsock,port=-1,socketURL=/run/ssh.sock,connect
refused --device virtio-vsock,port=,socketURL=/run/ssh.sock,connect
refused --device virtio-vsock,port=22,path=/run/ssh.sock,connect
silent --device virtio-vsock,port=0,socketURL=/run/ssh.sock,connect
silent --device virtio-vsock,socketURL=/run/ssh.sock,connect
silent --device virtio-vsock,port=22,connect
silent --device virtio-vsock,port=22,socketURL=/run/ssh.sock
silent --device virtio-vsock,port=22,socketURL=/run/ssh.sock,connect,listen
taken --timesync vsockPort=1024
taken --timesync vsockPort=1,vsockPort=2
taken --timesync ''
refused --timesync vsockPort=0
refused --timesync vsockPort=4294967296
refused --timesync vsockPort=0x10
refused --timesync port=1024
refused --timesync 1024
refused --timesync ,
END
}

@test "where the REST server listens: pkg/rest/rest.go, url.ParseRequestURI" {
  local path control=$'\x01'
  path=/$(printf 'x%.0s' {1..102})
  verdicts "${efi[@]}" "${disk[@]}" --restful-uri <<END
taken unix:///run/control.sock
taken 'unix:///run/a b#c'
taken unix:///run/a%20b%3fc
taken unix:/run/control.sock
taken UNIX:///run/control.sock
taken unix://$path
refused unix://${path}x
taken unix://${path%x}%41
refused unix:///run/%zz
refused unix:///run/100%
refused unix:///run/%4
refused unix:///run/$control
refused unix://
refused unix:run/control.sock
refused unix://run/control.sock
refused /run/control.sock
refused run/control.sock
refused ''
refused vsock://22
silent unix:///run/a?b
taken none://
refused none:
refused none:///
silent tcp://127.0.0.1:8080
silent http://localhost:8080
refused https://localhost:8080
refused tcp://localhost
refused tcp://localhost:8080/
END
}
