"""Programs and actions that neither test, lint nor build code: they prepare, move files, report, or serve others."""

from shiftdown.pipelines._words import each

PROGRAMS = each(
    """
    which zsh fish mdbook publint attw shellspec swag swagger ! .. : alias break builtin caller cd compgen complete
    continue declare dirs disown enable exec exit export false fc fg getopts hash help history jobs let local logout
    mapfile popd pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type
    typeset ulimit umask unalias unset wait [ [[ ]] { } do done if then fi else for while case esac in function

    awk gawk mawk sed gsed grep egrep fgrep rg ag cat bat cp mv ln ls rm rmdir mkdir mktemp chmod chown chgrp find
    fd tee head tail sort uniq wc tr cut paste join comm split date basename dirname realpath readlink stat touch
    truncate dd tar zip unzip gzip gunzip xz unxz bzip2 bunzip2 zstd unzstd 7z 7za jq yq gojq xmllint xmlstarlet
    crudini curl wget aria2c git git-lfs gh glab hub ssh ssh-add ssh-agent ssh-keygen ssh-keyscan scp sftp rsync
    rclone nc ncat telnet ping dig nslookup host ip ifconfig netstat ss lsof file nproc lscpu lsblk lsb_release
    uname whoami id groups hostname env printenv locale locale-gen localedef update-alternatives ldconfig ldd
    openssl gpg gpgconf base64 sha1sum sha256sum sha512sum md5sum shasum diff cmp colordiff patch echo printf seq
    expr bc sleep yes tput clear stty sync mount umount swapon swapoff fallocate mkswap kill pkill killall ps top
    htop df du free service systemctl sysctl modprobe udevadm usermod useradd adduser groupadd passwd chpasswd su
    visudo tzdata timedatectl dmesg journalctl logger screen tmux less more man envsubst column fold nl rev tac od
    xxd hexdump strings numfmt shuf iconv dos2unix unix2dos tree watch

    apt apt-get apt-cache apt-key apt-mark aptitude dpkg dpkg-query add-apt-repository apk yum dnf microdnf zypper
    pacman yay brew port choco scoop winget snap flatpak nix-env nix-channel guix pkg rpm gdebi eatmydata

    rustup sdk nvm fnm volta n asdf pyenv rbenv rvm goenv nodenv jenv corepack conda mamba micromamba virtualenv
    venv ensurepip easy_install pyvenv gvm tfenv phpenv phpize pecl docker-php-ext-install docker-php-ext-enable
    setup-node rtx mise

    aws gcloud gsutil bq az doctl heroku flyctl fly vercel netlify firebase wrangler serverless sls sam cdk eksctl
    kind k3d minikube kubectl kubectx kubens kustomize helm helmfile istioctl skopeo crane cosign oras regctl
    notation psql pg_isready pg_ctl pg_ctlcluster pg_dump pg_restore createdb createuser dropdb mysql mysqladmin
    mysqldump mariadb redis-cli redis-server mongo mongosh mongod sqlite3 influx cqlsh sqlcmd wait-for wait-for-it
    wait-on wait-for-it.sh dockerize memcached rabbitmqctl vault consul nats minio mc localstack awslocal ngrok

    codecov codecovcli coveralls coveralls-lcov coveralls-python codeclimate-test-reporter test-reporter sentry-cli
    lcov genhtml gcov gcovr diff-cover junit2html danger reviewdog allure conventional-changelog standard-version
    release-please git-cliff auto commitlint gitlint markdown-link-check lychee towncrier bumpversion bump2version
    bump-my-version changeset changesets husky lint-staged cspell markdown-toc doctoc all-contributors
    license-checker pip-licenses reuse addlicense licensed fossa blackduck renovate mkdocs sphinx-build jekyll hugo
    antora typedoc jsdoc docusaurus vuepress vitepress doxygen pdoc godoc yardoc plantuml

    cmake ctest cpack ninja meson gcc g++ cc c++ clang clang++ clang-format clang-tidy cl nmake configure autoconf
    autoreconf automake autogen.sh bootstrap.sh libtool ld ar strip objdump objcopy nm readelf lipo otool
    install_name_tool vcpkg conan cppcheck valgrind gdb lldb cargo-binstall swift swiftlint xcodebuild xcrun
    xcode-select xcpretty xcbeautify pod carthage fastlane flutter dart mix iex elixir rebar3 stack cabal ghc ghcup
    opam dune ocaml lein clj clojure sbt scala zig nim nimble crystal shards r rscript julia octave matlab lua
    luarocks luacheck busted perl cpan cpanm prove emcc emmake emcmake wasm-opt qemu-system-x86_64 adb sdkmanager
    avdmanager emulator security codesign notarytool productbuild hdiutil defaults sw_vers diskutil osascript
    launchctl pmset softwareupdate

    write-host write-output get-childitem set-location new-item remove-item copy-item move-item invoke-webrequest
    expand-archive get-content set-content out-file test-path select-string start-process start-sleep import-module
    install-module join-path resolve-path get-command set-executionpolicy add-content dir copy xcopy del erase md rd
    ren where setx refreshenv call rem title certutil reg sc net netsh tasklist taskkill iex iwr

    ffmpeg convert magick identify inkscape gs pdftotext pandoc pdflatex xelatex latexmk dot graphviz fc-cache xset
    xrandr xvfb x11vnc fluxbox openbox pulseaudio dbus-launch google-chrome chromium firefox
    """
)
"""By their plain names in lower case. What builds and tests code of stacks that no component is of is among them."""

OWNERS = each(
    """
    actions actions-rust-lang aws-actions azure google-github-actions hashicorp docker sigstore step-security
    dependabot renovatebot peter-evans softprops 8398a7 slackapi webfactory mxschmitt crazy-max tj-actions dorny
    stefanzweifel ad-m marocchino thollander mheap release-drafter lycheeverse conda-incubator mamba-org
    actions-cool tibdex browser-actions ilammy microsoft jlumbroso easimon andstor madhead mathieudutour jwalton
    benchmark-action
    """
)
"""Owners of actions that only prepare and report; those that do more are known by name."""
ACTIONS = each(
    """
    codecov/codecov-action coverallsapp/github-action codacy/codacy-coverage-reporter-action
    paambaati/codeclimate-action dtolnay/rust-toolchain actions-rs/toolchain actions-rs/install moonrepo/setup-rust
    swatinem/rust-cache taiki-e/install-action taiki-e/cache-cargo-install-action mozilla-actions/sccache-action
    baptiste0928/cargo-install hecrj/setup-rust-action hendrikmuhs/ccache-action astral-sh/setup-uv
    pdm-project/setup-pdm snok/install-poetry abatilo/actions-poetry yezz123/setup-uv pnpm/action-setup
    oven-sh/setup-bun denoland/setup-deno volta-cli/action ruby/setup-ruby shivammathur/setup-php
    ramsey/composer-install julia-actions/setup-julia erlef/setup-beam gradle/wrapper-validation-action
    gradle/actions/wrapper-validation graalvm/setup-graalvm coursier/setup-action extractions/setup-just
    arduino/setup-task arduino/setup-protoc bufbuild/buf-setup-action jdx/mise-action
    jetify-com/devbox-install-action cachix/install-nix-action cachix/cachix-action
    determinatesystems/nix-installer-action determinatesystems/magic-nix-cache-action earthly/actions-setup
    bazelbuild/setup-bazelisk bazel-contrib/setup-bazel nrwl/nx-set-shas rharkor/caching-for-turbo
    supercharge/redis-github-action supercharge/mongodb-github-action awalsh128/cache-apt-pkgs-action
    seanmiddleditch/gha-setup-ninja lukka/get-cmake egor-tensin/setup-gcc maxim-lobanov/setup-xcode
    android-actions/setup-android subosito/flutter-action dart-lang/setup-dart mikepenz/action-junit-report
    enricomi/publish-unit-test-result-action phoenix-actions/test-reporting ctrf-io/github-test-reporter
    test-summary/action re-actors/alls-green styfle/cancel-workflow-action fkirc/skip-duplicate-actions
    amannn/action-semantic-pull-request wagoid/commitlint-github-action kentaro-m/auto-assign-action
    cla-assistant/github-action contributor-assistant/github-action rtcamp/action-slack-notify
    ravsamhq/notify-slack-action voxmedia/github-action-slack-notify-build jakejarvis/wait-action
    lewagon/wait-on-check-action fountainhead/action-wait-for-check nev7n/wait_for_response
    jamesives/github-pages-deploy-action ncipollo/release-action changesets/action googleapis/release-please-action
    google/clusterfuzzlite/actions/build_fuzzers codspeedhq/action bencherdev/bencher treosh/lighthouse-ci-action
    preactjs/compressed-size-action andresz1/size-limit-action toshimaru/auto-author-assign
    pascalgn/size-label-action codelytv/pr-size-labeler endbug/add-and-commit nick-fields/assert-action
    namespacelabs/nscloud-checkout-action getsentry/action-release cloudflare/wrangler-action
    superfly/flyctl-actions/setup-flyctl amondnet/vercel-action chromaui/action percy/exec-action
    argos-ci/argos-action sonatype-nexus-community/iq-github-action depot/setup-action
    useblacksmith/setup-docker-builder ko-build/setup-ko helm/kind-action helm/chart-releaser-action
    azure/setup-helm engineerd/setup-kind medyagh/setup-minikube testspace-com/setup-testspace
    """
)
"""Actions that only prepare and report, by name in lower case."""
