// What is wrong in a file, and the exact words in which nopo says so.
#include "common/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

struct Mistake {
  std::string text;     // Of the file.
  std::string message;  // Of the error, behind the file's name.
};

TEST(RootMistakesTest, AreNamedWithPlaceKeyAndWhatIsAccepted) {
  const Mistake kMistakes[] = {
      {"", ": name: found nothing; expected non-empty text, the project's name"},
      {"name: ' '", ":1:7: name: found ' '; expected non-empty text, the project's name"},
      {"name: [a]", ":1:7: name: found a list; expected non-empty text, the project's name"},
      {"shop",
       ":1:1: found 'shop'; expected a map\nnopo.yml:1:1: name: found nothing; expected "
       "non-empty text, the project's name"},
      {"name: a\nname: b", ":2:1: found the key 'name' twice; expected each key once"},
      {"name: a\n---\nname: b", ":2:1: found a second document; expected one document a file"},
      {"name: a\n? [x]\n: y", ":2:3: found a key that is no plain text; expected 'key: value'"},
      {"name: !secret a",
       ":1:7: found the tag '!secret'; expected quotes around a text with '!' in front"},
      {"name: a\nx: &x [*x]",
       ":2:8: found an alias inside of what it stands for; expected one "
       "that comes after"},
      {"name: a\n<<: 3",
       ":2:5: '<<' merges something that is no map; expected a map or a list of "
       "maps"},
      {"name: a\nos: {base: 'No Image'}",
       ":2:12: os.base: found 'No Image'; expected an image like 'node:22-slim'"},
      {"name: a\nos: {dependencies: jq}",
       ":2:20: os.dependencies: found 'jq'; expected a map from "
       "OS packages to versions, or a list of such maps"},
      {"name: a\nos: {dependencies: {'a b': ''}}",
       ":2:21: os.dependencies.a b: found the OS package 'a b'; expected a name and a version "
       "without blanks"},
      {"name: a\nos: {user: {uid: -1}}",
       ":2:18: os.user.uid: found '-1'; expected a whole number from 0 to 2147483647"},
      {"name: a\nos: {user: {home: app}}",
       ":2:19: os.user.home: found 'app'; expected an absolute path"},
      {"name: a\nservices: [x]", ":2:11: services: found a list; expected a map"},
      {"name: a\nservices: {dirs: x}",
       ":2:18: services.dirs: found 'x'; expected a list of directories"},
      {"name: a\nservices: {dir: ., dirs: []}",
       ":2:20: services.dirs: found beside 'dir'; expected one of them"},
      {"name: a\nservices: {dirs: [gone]}",
       ":2:19: services.dirs[0]: found 'gone', where there is no directory; expected an existing "
       "one"},
      {"name: a\nservices: {dir: ../x}",
       ":2:17: services.dir: found '../x', which is outside of the project; expected a directory "
       "inside"},
      {"name: a\nroot_name: a b",
       ":2:12: root_name: found 'a b'; expected a name of letters, digits, '.', '_' and '-'"},
      {"name: a\nsync: [{lockfiles: [], online: b}]",
       ":2:8: sync[0]: found no 'name'; expected the name of a dependency manager\n"
       "nopo.yml:2:20: sync[0].lockfiles: found an empty list; expected at least one lockfile"},
      {"name: a\nsync: [{name: b, lockfiles: [c]}]",
       ":2:8: sync[0]: found neither 'offline' nor 'online'; expected at least one of them"},
      {"name: a\nsync: [{name: b, lockfiles: [c], online: d, cache: e}]",
       ":2:52: sync[0].cache: found 'e'; expected a path at or below /cache, where the volume is"},
      {"name: a\nsync: [{name: b, lockfiles: [../c], online: d}]",
       ":2:29: sync[0].lockfiles: found a list; expected paths of files in the project, from its "
       "root"},
      {"name: a\nsync: [{name: b, lockfiles: [c], online: d}, {name: b, lockfiles: [c], online: "
       "d}]",
       ":2:46: sync[1]: found a second manager named 'b'; expected another name"},
      {"name: a\nsync: [{name: b, lockfiles: [c], online: d, env: {A B: e}}]",
       ":2:51: sync[0].env.A B: found the variable 'A B'; expected a name without blanks and '='"},
      {"name: a\nsync: {}", ":2:7: sync: found a map; expected a list of dependency managers"},
      {"name: a\nroot: {commands: {up: x}}",
       ":2:19: root.commands.up: found the command name 'up', which is nopo's own; expected "
       "another name"},
  };
  for (const auto& [text, message] : kMistakes) {
    TemporaryProject files;
    files.Write("nopo.yml", text);
    EXPECT_EQ(files.Mistakes(), "nopo.yml" + message) << text;
  }
}

TEST(TargetMistakesTest, AreNamedWithPlaceKeyAndWhatIsAccepted) {
  const Mistake kMistakes[] = {
      {"tags: x", ":1:7: tags: found 'x'; expected a list of texts"},
      {"tags: ['']", ":1:8: tags[0]: found ''; expected non-empty text"},
      {"image: A:b", ":1:8: image: found 'A:b'; expected an image like 'nginx:1.27'"},
      {"image: a\ndockerfile: x", ":2:1: dockerfile: found beside 'image'; expected one of them"},
      {"dockerfile: x",
       ":1:13: dockerfile: found 'x'; expected a file in apps/web, where there is "
       "none of this name"},
      {"dockerfile: x\nbuild: {dockerfile: y}",
       ":2:9: build.dockerfile: found beside 'dockerfile', which means the same; expected one of "
       "them"},
      {"runtime: {}\ninfrastructure: {}",
       ":1:1: runtime: found beside 'infrastructure', which means the same; expected one of them"},
      {"runtime: {cpu: 0}",
       ":1:16: runtime.cpu: found '0'; expected CPUs above 0, like '1', '0.5' or '500m'"},
      {"infrastructure: {memory: 1Z}",
       ":1:26: infrastructure.memory: found '1Z'; expected memory "
       "above 0 and at most 1000000T, like '512Mi', '1G' or '256m'"},
      {"infrastructure: {cpu: 0.5m}",
       ":1:23: infrastructure.cpu: found '0.5m'; expected at least 0.01 CPUs, the least that an "
       "engine takes"},
      {"infrastructure: {memory: 4k}",
       ":1:26: infrastructure.memory: found '4k'; expected at least 6Mi, the least that an engine "
       "takes"},
      {"infrastructure: {port: http}",
       ":1:24: infrastructure.port: found 'http'; expected a whole number from 1 to 65535"},
      {"infrastructure: {port: 65536}",
       ":1:24: infrastructure.port: found '65536'; expected a whole number from 1 to 65535"},
      {"infrastructure: {min_instances: 2, max_instances: 1}",
       ":1:51: infrastructure.max_instances: found '1'; expected at least min_instances, 2"},
      {"infrastructure: {min_instances: 11}",
       ":1:33: infrastructure.min_instances: found '11'; expected at most max_instances, 10"},
      {"infrastructure: {has_database: yes}",
       ":1:32: infrastructure.has_database: found 'yes'; expected true or false"},
      {"infrastructure: {depends_on: {lib: healthy}}",
       ":1:36: infrastructure.depends_on.lib: found 'healthy'; expected 'service_healthy', "
       "'service_started', 'service_completed_successfully' or a list of commands"},
      {"build: make", ":1:8: build: found 'make'; expected a map"},
      {"build: {env: {A=: 1}}",
       ":1:15: build.env.A=: found the variable 'A='; expected a name without blanks and '='"},
      {"build: {args: {A B: 1}}",
       ":1:16: build.args.A B: found the variable 'A B'; expected a name without blanks and '='"},
      {"commands: {t: {command: x, env: {'': 1}}}",
       ":1:34: commands.t.env.: found the variable ''; expected a name without blanks and '='"},
      {"commands: {t: {command: x, env: {\"A\\tB\": 1}}}",
       ":1:34: commands.t.env.A\tB: found the variable 'A\\tB'; expected a name without blanks and "
       "'='"},
      {"build: {depends_on: lib}",
       ":1:21: build.depends_on: found 'lib'; expected a list of "
       "targets, or a map from targets to commands"},
      {"dependencies: {lib: [x]}", ":1:15: dependencies: found a map; expected a list of targets"},
      {"dependencies: [libb]",
       ":1:16: dependencies: found 'libb', which is no target; did you mean 'lib'?"},
      {"dependencies: [root]",
       ":1:16: dependencies: found 'root', the root; expected another "
       "target: only a command can depend on the root"},
      {"infrastructure: {depends_on: [bd]}",
       ":1:31: infrastructure.depends_on: found 'bd', which is no target"},
      {"commands: {t: {command: x, dependencies: {lib: [a b]}}}",
       ":1:43: commands.t.dependencies: found 'a b'; expected a command like 'build' or "
       "'check:py'"},
      {"commands: {t: {command: x, dependencies: {lib: []}}}",
       ":1:48: commands.t.dependencies.lib: found an empty list; expected at least one command"},
      {"commands: {build: x}",
       ":1:12: commands.build: found the command name 'build', which is "
       "nopo's own; expected another name"},
      {"commands: {'a b': x}",
       ":1:12: commands.a b: found the command name 'a b'; expected "
       "letters, digits, '.', '_' and '-'"},
      {"commands: {t: }",
       ":1:12: commands.t: found nothing; expected a command line, or a map "
       "with 'command' or 'commands'"},
      {"commands: {t: {dir: x}}",
       ":1:15: commands.t: found neither 'command' nor 'commands'; "
       "expected one of them"},
      {"commands: {t: {command: a, commands: {b: c}}}",
       ":1:15: commands.t: found both 'command' and 'commands'; expected one of them"},
      {"commands: {t: {commands: {}}}",
       ":1:26: commands.t.commands: found no commands in it; expected at least one sub-command"},
      {"commands: {t: {command: a, context: vm}}",
       ":1:37: commands.t.context: found 'vm'; expected 'host' or 'container'"},
      {"commands: {t: {commands: {u: {command: a, dependencies: []}}}}",
       ":1:43: commands.t.commands.u.dependencies: found dependencies of a sub-command; expected "
       "them at its top-level command"},
      {"commands: {a: {commands: {b: {commands: {c: {commands: {d: x}}}}}}}",
       ":1:56: commands.a.commands.b.commands.c.commands: found sub-commands at level 4; expected "
       "at most 3 levels"},
  };
  for (const auto& [text, message] : kMistakes) {
    TemporaryProject files;
    files.Write("nopo.yml", "name: shop")
        .Write("apps/lib/nopo.yml", "")
        .Write("apps/web/nopo.yml", text);
    EXPECT_EQ(files.Mistakes(), "apps/web/nopo.yml" + message) << text;
  }
}

TEST(ComposeMistakesTest, NameWhatNopoCannotHonour) {
  const Mistake kMistakes[] = {
      {"networks: {default: {ipv4: x}}",
       ":2:24: compose.networks.default.ipv4: found the key 'ipv4', which nopo can't honour; "
       "expected one of aliases"},
      {"enviroment: {}",
       ":2:3: compose.enviroment: found the key 'enviroment', which nopo can't "
       "honour; did you mean 'environment'?"},
      {"image: x",
       ":2:3: compose.image: found the key 'image', which nopo can't honour here; "
       "expected the target's own key 'image'"},
      {"command: 'a \"b'",
       ":2:12: compose.command: found 'a \\\"b'; expected a command line whose "
       "quotes are closed"},
      {"ports: [x]",
       ":2:11: compose.ports[0]: found 'x'; expected a port like '8080:80', "
       "'127.0.0.1:8080:80/udp' or '80'"},
      {"ports: [{published: 1}]",
       ":2:11: compose.ports[0]: found no 'target'; expected a container port"},
      {"volumes: ['a:b']",
       ":2:13: compose.volumes[0]: found 'a:b'; expected a volume like "
       "'./src:/app/src', 'data:/var/lib/data:ro' or '/cache'"},
      {"volumes: [{type: bind, target: /x}]",
       ":2:13: compose.volumes[0]: found a bind mount without 'source'; expected a path on the "
       "host"},
      {"healthcheck: {interval: 10}",
       ":2:27: compose.healthcheck.interval: found '10'; expected a duration like '10s' or "
       "'1m30s'"},
      {"healthcheck: {test: [curl]}",
       ":2:23: compose.healthcheck.test: found 'curl' first; "
       "expected 'CMD', 'CMD-SHELL' or 'NONE'"},
      {"restart: never",
       ":2:12: compose.restart: found 'never'; expected 'no', 'always', "
       "'unless-stopped' or 'on-failure[:N]'"},
      {"networks: [front]",
       ":2:14: compose.networks[0]: found 'front'; expected only 'default', "
       "the project's network"},
  };
  for (const auto& [text, message] : kMistakes) {
    TemporaryProject files;
    files.Write("nopo.yml", "name: shop").Write("apps/web/nopo.yml", "compose:\n  " + text);
    EXPECT_EQ(files.Mistakes(), "apps/web/nopo.yml" + message) << text;
  }
}

TEST(ProjectMistakesTest, AreReportedOfAllFilesAtOnceInTheirOrder) {
  TemporaryProject files;
  files.Write("nopo.yml", "services: {dirs: x}\n").Write("apps/b/nopo.yml", "tags: 1\nimage: B\n");
  files.Write("apps/a/nopo.yml", "key: [\n");
  EXPECT_EQ(files.Mistakes(),
            "nopo.yml:1:1: name: found nothing; expected non-empty text, the project's name\n"
            "nopo.yml:1:18: services.dirs: found 'x'; expected a list of directories\n"
            "apps/a/nopo.yml:2:1: found invalid YAML: did not find expected node content while "
            "parsing a flow node from line 2\n"
            "apps/b/nopo.yml:1:7: tags: found '1'; expected a list of texts\n"
            "apps/b/nopo.yml:2:8: image: found 'B'; expected an image like 'nginx:1.27'");
  EXPECT_EQ(ReasonOf(LoadProject(files.root()).status()), Reason::kConfiguration);
}

TEST(ProjectMistakesTest, IncludeNamesThatClash) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: s\nservices: {dirs: [a, b]}\nroot: {commands: {x: y}}\n");
  files.Write("a/web/nopo.yml", "").Write("b/web/nopo.yml", "").Write("a/API/nopo.yml", "");
  files.Write("b/api/nopo.yml", "").Write("a/x-y/nopo.yml", "").Write("b/x_y/nopo.yml", "");
  files.Write("a/.hid/nopo.yml", "").Write("b/root/nopo.yml", "");
  EXPECT_EQ(
      files.Mistakes(),
      "a/.hid/nopo.yml: found the target name '.hid', its directory's; expected letters, "
      "digits, '.', '_' and '-', a letter or digit first\n"
      "b/api/nopo.yml: found the target 'api', which has 'API''s name but for its case; that "
      "one is a/API/nopo.yml; expected directories with different names\n"
      "b/root/nopo.yml: found a target named 'root', like the root in nopo.yml, which has "
      "commands; expected another root_name or directory\n"
      "b/web/nopo.yml: found a second target 'web'; the first is a/web/nopo.yml; expected "
      "directories with different names\n"
      "b/x_y/nopo.yml: found the target 'x_y', which has 'x-y''s variable X_Y_IMAGE; that one "
      "is a/x-y/nopo.yml; expected directories with different names");
}

TEST(ProjectMistakesTest, IncludeNamesThatAreTooLongForImages) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: " + std::string(129, 'n') + "\n");
  EXPECT_THAT(files.Mistakes(), testing::EndsWith("expected at most 128 characters"));

  const std::string dir(130, 't');
  files.Write("nopo.yml", "name: " + std::string(128, 'n') + "\n");
  files.Write("apps/" + dir + "/nopo.yml", "");
  EXPECT_THAT(files.Mistakes(),
              testing::EndsWith("a name of 259 characters; expected at most 255"));
}

}  // namespace
}  // namespace nopo
