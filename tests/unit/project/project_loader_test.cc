#include "daemon/project/project_loader.h"

#include "common/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(LoadProjectTest, ReadsEveryKeyOfTheRootFile) {
  TemporaryProject files;
  files.Write("nopo/docker/Dockerfile", "FROM scratch\n").Write("svc/x/nopo.yml", "");
  files.Write("nopo.yml", R"(
name: My Shop
os:
  base: {image: "node:22-slim"}
  dependencies: [{jq: ""}, {curl: 7.88, git: }]
  user: {uid: 1500, gid: 1600, home: /home/app}
services:
  dir: ./svc
root_name: workspace
root:
  commands: {fmt: prettier .}
sync:
  - {name: pnpm, lockfiles: [pnpm-lock.yaml], offline: pnpm i --offline, online: pnpm i,
     cache: /cache/pnpm, env: {A: b}}
)");
  const auto project = files.Load();
  EXPECT_EQ(project->name, "My Shop");
  EXPECT_EQ(project->slug, "my-shop");
  EXPECT_EQ(project->os.image, "node:22-slim");
  EXPECT_THAT(project->os.packages,
              ElementsAre(Pair("jq", ""), Pair("curl", "7.88"), Pair("git", "")));
  EXPECT_EQ(project->os.uid, 1500);
  EXPECT_EQ(project->os.gid, 1600);
  EXPECT_EQ(project->os.home, "/home/app");
  EXPECT_EQ(project->os.dockerfile, files.root() / "nopo/docker/Dockerfile");
  EXPECT_THAT(project->services_dirs, ElementsAre(files.root() / "svc"));
  ASSERT_EQ(project->dependency_managers.size(), 1u);
  const DependencyManager& pnpm = project->dependency_managers[0];
  EXPECT_EQ(pnpm.name, "pnpm");
  EXPECT_THAT(pnpm.lockfiles, ElementsAre("pnpm-lock.yaml"));
  EXPECT_EQ(pnpm.offline, "pnpm i --offline");
  EXPECT_EQ(pnpm.online, "pnpm i");
  EXPECT_EQ(pnpm.cache, "/cache/pnpm");
  EXPECT_THAT(pnpm.env, ElementsAre(Pair("A", "b")));
  EXPECT_EQ(pnpm.program, "");
  EXPECT_EQ(project->root_target.id, "workspace");
  EXPECT_THAT(project->root_target.CommandPaths(), ElementsAre("fmt"));
  EXPECT_THAT(project->TargetIds(), ElementsAre("x"));
  EXPECT_THAT(project->warnings, IsEmpty());
}

TEST(LoadProjectTest, WarnsOfAComposeFileThatItDoesNotRead) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n").Write("docker-compose.yml", "services: {}\n");
  EXPECT_THAT(files.Load()->warnings,
              ElementsAre("docker-compose.yml: Compose files are not read; expected what a service "
                          "needs under `compose:` in its nopo.yml"));
}

TEST(LoadProjectTest, FindsDependencyManagersByTheirLockfiles) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n").Write("package-lock.json", "{}").Write("uv.lock", "");
  files.Write("apps/web/nopo.yml", "").Write("apps/web/yarn.lock", "");
  const auto project = files.Load();
  ASSERT_EQ(project->dependency_managers.size(), 2u);
  EXPECT_EQ(project->dependency_managers[0].program, "npm");
  EXPECT_THAT(project->dependency_managers[0].lockfiles, ElementsAre("package-lock.json"));
  EXPECT_EQ(project->dependency_managers[1].program, "uv");

  files.Write("nopo.yml", "name: shop\nsync: []\n");
  EXPECT_THAT(files.Load()->dependency_managers, IsEmpty());
}

TEST(LoadProjectTest, ReadsEveryKeyOfATarget) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n").Write("apps/db/nopo.yml", "image: postgres:16\n");
  files.Write("apps/shared/nopo.yml", "commands: {test: 'true'}\n");
  files.Write("apps/web/docker/Web", "FROM scratch\n");
  files.Write("apps/web/nopo.yml", R"(
name: Web
description: Front end
tags: [frontend, public]
dockerfile: docker/Web
static_path: dist
dependencies: [Shared]
runtime:
  cpu: 500m
  memory: 1.5Gi
  port: "8080"
  min_instances: 2
  max_instances: 3
  has_database: true
  run_migrations: true
  command: ./serve
  directory: apps/web
  depends_on: {db: service_started, shared: [migrate]}
build:
  command: pnpm build
  output: build
  packages: [git]
  env: {NODE_ENV: production, LEVEL: 1}
  working_dir: apps/web
  depends_on: {shared: [test]}
  context: root
  target: production
  args: {FOO: bar}
)");
  const auto project = files.Load();
  const Target& web = *project->FindTarget("WEB");
  EXPECT_EQ(web.id, "web");
  EXPECT_EQ(web.name, "Web");
  EXPECT_EQ(web.path, "apps/web");
  EXPECT_EQ(web.kind, TargetKind::kService);
  EXPECT_EQ(web.description, "Front end");
  EXPECT_THAT(web.tags, ElementsAre("frontend", "public"));
  EXPECT_EQ(web.dockerfile, files.root() / "apps/web/docker/Web");
  EXPECT_EQ(web.static_path, "dist");
  ASSERT_EQ(web.dependencies.size(), 1u);
  EXPECT_EQ(web.dependencies[0].target, "shared") << "spelled as the directory is";
  EXPECT_EQ(web.dependencies[0].location.ToString(), "apps/web/nopo.yml:7:16");

  const Infrastructure& infrastructure = web.infrastructure;
  EXPECT_EQ(infrastructure.cpu, "500m");
  EXPECT_EQ(infrastructure.nano_cpus, 500'000'000);
  EXPECT_EQ(infrastructure.memory_bytes, 1536LL << 20);
  EXPECT_EQ(infrastructure.port, 8080);
  EXPECT_EQ(infrastructure.min_instances, 2);
  EXPECT_EQ(infrastructure.max_instances, 3);
  EXPECT_TRUE(infrastructure.has_database);
  EXPECT_TRUE(infrastructure.run_migrations);
  EXPECT_EQ(infrastructure.command, "./serve");
  EXPECT_EQ(infrastructure.directory, "apps/web");
  ASSERT_EQ(infrastructure.depends_on.size(), 2u);
  EXPECT_EQ(infrastructure.depends_on[0].condition, DependencyCondition::kStarted);
  EXPECT_THAT(infrastructure.depends_on[1].commands, ElementsAre("migrate"));

  ASSERT_TRUE(web.build.has_value());
  EXPECT_EQ(web.build->command, "pnpm build");
  EXPECT_THAT(web.build->output, ElementsAre("build"));
  EXPECT_THAT(web.build->packages, ElementsAre("git"));
  EXPECT_THAT(web.build->env, ElementsAre(Pair("LEVEL", "1"), Pair("NODE_ENV", "production")));
  EXPECT_EQ(web.build->working_dir, "apps/web");
  EXPECT_THAT(web.build->depends_on[0].commands, ElementsAre("test"));
  EXPECT_EQ(web.build->context, "root");
  EXPECT_EQ(web.build->target, "production");
  EXPECT_THAT(web.build->args, ElementsAre(Pair("FOO", "bar")));
}

TEST(LoadProjectTest, DefaultsWhatATargetLeavesOut) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: 42\n").Write("apps/lib/nopo.yml", "# nothing\n");
  const auto project = files.Load();
  EXPECT_EQ(project->name, "42");
  const Target& lib = project->targets.at(0);
  EXPECT_EQ(lib.name, "lib");
  EXPECT_EQ(lib.kind, TargetKind::kPackage);
  EXPECT_EQ(lib.static_path, "build");
  EXPECT_EQ(lib.infrastructure.cpu, "1");
  EXPECT_EQ(lib.infrastructure.memory_bytes, 512LL << 20);
  EXPECT_EQ(lib.infrastructure.port, 3000);
  EXPECT_EQ(lib.infrastructure.max_instances, 10);
  EXPECT_FALSE(lib.build.has_value());
}

TEST(LoadProjectTest, TellsServicesFromPackagesAndWhatIsBuildable) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n");
  files.Write("apps/image/nopo.yml", "image: nginx:1.27\n").Write("apps/image/Dockerfile", "");
  files.Write("apps/own/nopo.yml", "").Write("apps/own/Dockerfile", "");
  files.Write("apps/plain/nopo.yml", "infrastructure: {}\n");
  files.Write("apps/lib/nopo.yml", "build: {command: make}\n");
  files.Write("apps/scripts/nopo.yml", "commands: {lint: x}\n");
  const auto project = files.Load();
  const auto describe = [&](const char* id) {
    const Target& target = *project->FindTarget(id);
    return std::pair(target.kind == TargetKind::kService, target.Buildable());
  };
  EXPECT_THAT(describe("image"), Pair(true, false)) << "image wins over the Dockerfile";
  EXPECT_TRUE(project->FindTarget("image")->dockerfile.empty());
  EXPECT_THAT(describe("own"), Pair(true, true));
  EXPECT_THAT(describe("plain"), Pair(true, true));
  EXPECT_THAT(describe("lib"), Pair(false, true));
  EXPECT_THAT(describe("scripts"), Pair(false, false));
  EXPECT_FALSE(project->root_target.Buildable());
}

TEST(LoadProjectTest, HandsDownWhatACommandSaysToItsSubCommands) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n");
  files.Write("apps/web/nopo.yml", R"(
commands:
  lint: eslint .
  check:
    env: {A: "1", B: "2"}
    dir: root
    context: container
    dependencies: []
    commands:
      py: ruff check
      types: {env: {B: "3"}, dir: ./ts, commands: {ts: tsc, py: mypy .}}
)");
  const auto project = files.Load();
  const Target& web = project->targets.at(0);
  EXPECT_THAT(web.CommandPaths(), ElementsAre("lint", "check", "check:py", "check:types",
                                              "check:types:ts", "check:types:py"));
  const Command* ts = web.FindCommand("check:types:ts");
  ASSERT_NE(ts, nullptr);
  EXPECT_EQ(ts->run, "tsc");
  EXPECT_THAT(ts->env, ElementsAre(Pair("A", "1"), Pair("B", "3")));
  EXPECT_EQ(ts->dir, "./ts");
  EXPECT_EQ(ts->context, CommandContext::kContainer);
  EXPECT_EQ(web.FindCommand("check:py")->dir, "root");
  EXPECT_EQ(web.FindCommand("check:js"), nullptr);
  EXPECT_FALSE(web.FindCommand("lint")->dependencies.has_value()) << "the target's apply";
  EXPECT_THAT(web.FindCommand("check")->dependencies.value(), IsEmpty()) << "none apply";
}

TEST(LoadProjectTest, ReadsComposeAttributes) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n");
  files.Write("apps/web/nopo.yml", R"(
image: nginx
compose:
  command: serve --title "a b"
  entrypoint: [/init]
  environment: [A=1, B]
  labels: {x: y}
  ports: ["127.0.0.1:8080:80", 53/udp, {target: 9, published: "90-95", host_ip: "::1"}]
  volumes: [./src:/app/src:ro, data:/data, {type: tmpfs, target: /tmp}]
  healthcheck: {test: curl -f localhost, interval: 1m30s, retries: 3}
  restart: on-failure:3
  stop_grace_period: 500ms
  init: true
  extra_hosts: {db: 10.0.0.1}
  shm_size: 64m
  tmpfs: /run
  networks: {default: {aliases: [www]}}
  x-note: anything
)");
  const auto project = files.Load();
  const ComposeAttributes& compose = project->targets.at(0).compose;
  EXPECT_THAT(compose.command.value(), ElementsAre("serve", "--title", "a b"));
  EXPECT_THAT(compose.entrypoint.value(), ElementsAre("/init"));
  EXPECT_THAT(compose.environment, ElementsAre(Pair("A", "1")));
  EXPECT_THAT(compose.environment_passthrough, ElementsAre("B"));
  EXPECT_THAT(compose.labels, ElementsAre(Pair("x", "y")));
  ASSERT_EQ(compose.ports->size(), 3u);
  EXPECT_EQ(compose.ports->at(0).host_ip, "127.0.0.1");
  EXPECT_EQ(compose.ports->at(0).published, "8080");
  EXPECT_EQ(compose.ports->at(1).protocol, "udp");
  EXPECT_EQ(compose.ports->at(2).published, "90-95");
  ASSERT_EQ(compose.volumes.size(), 3u);
  EXPECT_EQ(compose.volumes[0].source, files.root() / "apps/web/src");
  EXPECT_TRUE(compose.volumes[0].read_only);
  EXPECT_TRUE(compose.volumes[0].create_host_path);
  EXPECT_EQ(compose.volumes[1].type, VolumeMount::Type::kVolume);
  EXPECT_EQ(compose.volumes[2].type, VolumeMount::Type::kTmpfs);
  EXPECT_THAT(compose.healthcheck->test, ElementsAre("CMD-SHELL", "curl -f localhost"));
  EXPECT_EQ(compose.healthcheck->interval, absl::Seconds(90));
  EXPECT_EQ(compose.healthcheck->retries, 3);
  EXPECT_EQ(compose.restart, "on-failure:3");
  EXPECT_EQ(compose.stop_grace_period, absl::Milliseconds(500));
  EXPECT_EQ(compose.init, true);
  EXPECT_THAT(compose.extra_hosts, ElementsAre("db:10.0.0.1"));
  EXPECT_EQ(compose.shm_size, 64 << 20);
  EXPECT_THAT(compose.tmpfs, ElementsAre("/run"));
  EXPECT_THAT(compose.networks_aliases, ElementsAre("www"));
}

TEST(LoadProjectTest, UnderstandsMergeKeysAnchorsAndAByteOrderMark) {
  TemporaryProject files;
  files.Write("nopo.yml", "\xEF\xBB\xBFname: shop\n");
  files.Write("apps/web/nopo.yml", R"(
x-defaults: &defaults {cpu: "2", port: 80}
infrastructure: {<<: *defaults, port: 90}
)");
  const auto project = files.Load();
  EXPECT_EQ(project->targets.at(0).infrastructure.cpu, "2");
  EXPECT_EQ(project->targets.at(0).infrastructure.port, 90);
  EXPECT_THAT(project->warnings, IsEmpty());
}

TEST(LoadProjectTest, WarnsOfWhatHasNoEffect) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\nservice: {}\n");
  files.Write("apps/web/nopo.yml",
              "comands: {}\ninfrastructure: {prot: 1}\nbuild: {args: {A: b}}\n"
              "commands: {logs: tail}\n");
  EXPECT_THAT(
      files.Load()->warnings,
      ElementsAre("nopo.yml:2:1: service: unknown key 'service'; did you mean 'services'?",
                  "apps/web/nopo.yml:1:1: comands: unknown key 'comands'; did you mean "
                  "'commands'?",
                  "apps/web/nopo.yml:2:18: infrastructure.prot: unknown key 'prot'; did you mean "
                  "'port'?",
                  "apps/web/nopo.yml:3:9: build.args: has no effect: the target has no Dockerfile "
                  "of its own",
                  "apps/web/nopo.yml:4:12: commands.logs: nopo has a command 'logs' of its own; "
                  "this one runs as 'nopo command logs'"));
}

TEST(FindProjectRootTest, IsTheNearestFileWithServicesElseTheTopmost) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: outer\nservices: {}\n");
  files.Write("apps/web/nopo.yml", "name: web\n").Write("apps/web/src/deep/x", "");
  files.Write("inner/nopo.yml", "{services: {}, name: inner}\n").Write("inner/a/nopo.yml", "");
  TemporaryProject loose;
  loose.Write("nopo.yml", "name: a\n").Write("b/nopo.yml", "name: b\n");
  EXPECT_EQ(*FindProjectRoot(files.root() / "apps/web/src/deep", ""), files.root());
  EXPECT_EQ(*FindProjectRoot(files.root() / "inner/a/", ""), files.root() / "inner");
  EXPECT_EQ(*FindProjectRoot(loose.root() / "b", ""), loose.root());
  EXPECT_EQ(*FindProjectRoot(files.root(), "inner/../inner/"), files.root() / "inner");
}

TEST(FindProjectRootTest, FindsTheProjectOfABrokenFile) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: a\nservices: {}\n").Write("b/nopo.yml", "services:\n  - [\n");
  EXPECT_EQ(*FindProjectRoot(files.root() / "b", ""), files.root() / "b");
}

TEST(FindProjectRootTest, SaysWhereItLooked) {
  TemporaryProject files;
  files.Write("a/x", "");
  const absl::Status lost = FindProjectRoot(files.root() / "a", "").status();
  EXPECT_EQ(lost.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(lost), Reason::kConfiguration);
  EXPECT_THAT(std::string(lost.message()), HasSubstr((files.root() / "a").native()));
  EXPECT_THAT(HintsOf(lost), ElementsAre(HasSubstr("nopo.yml")));
  const absl::Status wrong = FindProjectRoot(files.root(), "a").status();
  EXPECT_EQ(wrong.message(), "no project: " + (files.root() / "a").native() + " has no nopo.yml");
}

}  // namespace
}  // namespace nopo
