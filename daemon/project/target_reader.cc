#include "daemon/project/target_reader.h"

#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "daemon/project/build_mounts_reader.h"
#include "daemon/project/command_reader.h"
#include "daemon/project/compose_attributes_reader.h"
#include "daemon/project/compose_template.h"
#include "daemon/project/image_names.h"
#include "daemon/project/quantities.h"

namespace nopo {
namespace {

// ---- infrastructure

// What Docker's engine refuses to go below.
constexpr int64_t kLeastNanoCpus = 10'000'000;
constexpr int64_t kLeastMemory = 6 << 20;

void ReadCpus(ConfigMap& map, Infrastructure& infrastructure) {
  const auto value = map.TakeSet("cpu");
  if (!value.has_value()) return;
  const std::optional<int64_t> nano_cpus = ParseCpus(value->Spelling());
  if (!nano_cpus.has_value()) return value->Reject(kCpusForm);
  if (*nano_cpus < kLeastNanoCpus) {
    return value->Reject("at least 0.01 CPUs, the least that an engine takes");
  }
  infrastructure.cpu = value->Spelling();
  infrastructure.nano_cpus = *nano_cpus;
}

void ReadMemory(ConfigMap& map, Infrastructure& infrastructure) {
  const auto value = map.TakeSet("memory");
  if (!value.has_value()) return;
  const std::optional<int64_t> bytes = ParseMemory(value->Spelling());
  if (!bytes.has_value()) return value->Reject(kMemoryForm);
  if (*bytes < kLeastMemory) return value->Reject("at least 6Mi, the least that an engine takes");
  infrastructure.memory = value->Spelling();
  infrastructure.memory_bytes = *bytes;
}

void ReadInstances(ConfigMap& map, Infrastructure& infrastructure) {
  constexpr int kMost = 10'000;
  map.ReadInteger("min_instances", 0, kMost, infrastructure.min_instances);
  const auto most = map.TakeSet("max_instances");
  if (most.has_value()) {
    const auto number = most->Integer(0, kMost);
    if (!number.has_value()) return;
    infrastructure.max_instances = static_cast<int>(*number);
  }
  if (infrastructure.max_instances >= infrastructure.min_instances) return;
  if (most.has_value()) {
    most->Reject(absl::StrCat("at least min_instances, ", infrastructure.min_instances));
  } else if (const auto least = map.TakeSet("min_instances")) {
    least->Reject(absl::StrCat("at most max_instances, ", infrastructure.max_instances));
  }
}

// "service_healthy", a list of commands, or nothing.
void ReadCondition(const ConfigValue& value, StartDependency& dependency) {
  if (value.IsNull()) return;
  if (value.IsList()) {
    dependency.commands = value.TextList();
  } else if (value.Spelling() == "service_started") {
    dependency.condition = DependencyCondition::kStarted;
  } else if (value.Spelling() == "service_healthy") {
    dependency.condition = DependencyCondition::kHealthy;
  } else if (value.Spelling() == "service_completed_successfully") {
    dependency.condition = DependencyCondition::kCompletedSuccessfully;
  } else {
    value.Reject(
        "'service_healthy', 'service_started', 'service_completed_successfully' or a list of "
        "commands");
  }
}

std::vector<StartDependency> ReadStartDependencies(const ConfigValue& value) {
  std::vector<StartDependency> dependencies;
  if (!value.IsMap() && !value.IsList()) {
    value.Reject("a list of targets, or a map from targets to conditions");
    return dependencies;
  }
  if (value.IsList()) {
    for (Dependency& listed : ReadDependencyList(value)) {
      dependencies.push_back(
          {std::move(listed.target), DependencyCondition::kHealthy, {}, listed.location});
    }
    return dependencies;
  }
  for (const auto& [name, condition] : value.Entries()) {
    StartDependency dependency;
    dependency.target = name;
    dependency.location = condition.key_location();
    ReadCondition(condition, dependency);
    dependencies.push_back(std::move(dependency));
  }
  return dependencies;
}

Infrastructure ReadInfrastructure(const ConfigValue& value) {
  Infrastructure infrastructure;
  ConfigMap map(value);
  ReadCpus(map, infrastructure);
  ReadMemory(map, infrastructure);
  map.ReadInteger("port", 1, 65535, infrastructure.port);
  ReadInstances(map, infrastructure);
  map.Read("has_database", infrastructure.has_database);
  map.Read("run_migrations", infrastructure.run_migrations);
  map.Read("command", infrastructure.command);
  map.Read("directory", infrastructure.directory);
  if (const auto depends_on = map.TakeSet("depends_on")) {
    infrastructure.depends_on = ReadStartDependencies(*depends_on);
  }
  map.WarnOfUnknownKeys();
  return infrastructure;
}

// ---- build

// `dockerfile` is set to the value of `build.dockerfile`, another spelling of the target's own key.
BuildSettings ReadBuild(const ConfigValue& value, const std::filesystem::path& dir,
                        std::optional<ConfigValue>& dockerfile) {
  BuildSettings build;
  ConfigMap map(value);
  map.Read("command", build.command);
  map.Read("output", build.output, /*or_text=*/true);
  map.Read("packages", build.packages, /*or_text=*/true);
  if (const auto env = map.TakeSet("env")) build.env = ReadEnvironment(*env);
  if (const auto dir = map.TakeSet("working_dir")) {
    build.working_dir = dir->Text().value_or("");
    build.working_dir_key = dir->key();
  }
  if (const auto depends_on = map.TakeSet("depends_on")) {
    build.depends_on = ReadDependencies(*depends_on);
  }
  if (const auto context = map.TakeSet("context")) {
    build.context = context->NonEmptyText("a directory, or 'root'");
  }
  map.Read("target", build.target);
  if (const auto args = map.TakeSet("args")) build.args = ReadEnvironment(*args);
  if (const auto secrets = map.TakeSet("secrets")) {
    build.secrets = ReadBuildSecrets(*secrets, dir);
  }
  if (const auto ssh = map.TakeSet("ssh")) build.ssh_agents = ReadBuildSshAgents(*ssh, dir);
  dockerfile = map.TakeSet("dockerfile");
  map.WarnOfUnknownKeys();
  return build;
}

void WarnOfUselessBuildKeys(const ConfigValue& build, const Target& target) {
  if (!target.image.empty()) {
    build.AddKeyWarning("has no effect: the target's image is pre-built");
    return;
  }
  if (!target.dockerfile.empty()) return;
  for (const absl::string_view key : {"context", "target", "args", "secrets", "ssh"}) {
    if (const auto value = build.Find(key)) {
      value->AddKeyWarning("has no effect: the target has no Dockerfile of its own");
    }
  }
}

// ---- the target itself

void ReadImage(ConfigMap& map, Target& target) {
  const auto value = map.TakeSet("image");
  if (!value.has_value()) return;
  const auto text = value->NonEmptyText("an image like 'nginx:1.27'");
  if (!text.has_value()) return;
  if (!ParseImageReference(*text).ok()) return value->Reject("an image like 'nginx:1.27'");
  target.image = *text;
}

// The Dockerfile that nopo.yml names, or the one that lies there. A pre-built image goes before the
// latter and excludes the former.
void FindDockerfile(const std::optional<ConfigValue>& own, const std::optional<ConfigValue>& nested,
                    Target& target, ProjectFiles& files) {
  if (own.has_value() && nested.has_value()) {
    nested->AddKeyError("found beside 'dockerfile', which means the same; expected one of them");
    return;
  }
  const std::optional<ConfigValue>& named = own.has_value() ? own : nested;
  if (!named.has_value()) {
    const std::filesystem::path usual = target.dir / "Dockerfile";
    if (files.IsFile(usual) && target.image.empty()) target.dockerfile = usual;
    return;
  }
  const auto name = named->NonEmptyText("the path of a Dockerfile");
  if (!name.has_value()) return;
  if (!target.image.empty()) {
    named->AddKeyError("found beside 'image'; expected one of them");
    return;
  }
  target.dockerfile = (target.dir / *name).lexically_normal();
  if (!files.IsFile(target.dockerfile)) {
    named->Reject(absl::StrCat("a file in ", target.path, ", where there is none of this name"));
  }
}

// Both spellings of the key; true when one is there.
bool ReadEitherInfrastructure(ConfigMap& map, Target& target) {
  const auto older = map.Take("infrastructure");
  const auto newer = map.Take("runtime");
  if (older.has_value() && newer.has_value()) {
    newer->AddKeyError("found beside 'infrastructure', which means the same; expected one of them");
  }
  for (const auto& value : {older, newer}) {
    if (value.has_value()) target.infrastructure = ReadInfrastructure(*value);
  }
  return older.has_value() || newer.has_value();
}

void ReadName(ConfigMap& map, Target& target) {
  if (const auto name = map.TakeSet("name")) {
    target.name = name->NonEmptyText("non-empty text").value_or(target.name);
  }
}

}  // namespace

Target ReadTarget(const ConfigValue& document, const std::filesystem::path& dir,
                  ProjectFiles& files) {
  Target target;
  target.id = target.name = dir.filename().native();
  target.dir = dir;
  target.path = files.RelativeName(dir);
  target.location = {document.location().file, 0, 0};

  ConfigMap map(document);
  ReadName(map, target);
  map.Read("description", target.description);
  map.Read("tags", target.tags);
  ReadImage(map, target);
  const auto dockerfile = map.TakeSet("dockerfile");
  map.Read("static_path", target.static_path);
  if (const auto value = map.TakeSet("dependencies")) {
    target.dependencies = ReadDependencyList(*value);
  }
  const bool has_infrastructure = ReadEitherInfrastructure(map, target);
  const auto build = map.TakeSet("build");
  std::optional<ConfigValue> nested_dockerfile;
  if (build.has_value()) target.build = ReadBuild(*build, target.dir, nested_dockerfile);
  FindDockerfile(dockerfile, nested_dockerfile, target, files);
  if (build.has_value()) WarnOfUselessBuildKeys(*build, target);
  if (const auto compose = map.TakeSet("compose")) {
    target.compose_template = ComposeTemplate::Of(*compose, dir);
    target.compose = target.compose_template == nullptr
                         ? ReadComposeAttributes(*compose, dir)
                         : target.compose_template->ReadFixed(compose->diagnostics());
  }
  if (const auto commands = map.TakeSet("commands")) target.commands = ReadCommands(*commands);
  map.WarnOfUnknownKeys();

  const bool is_service = has_infrastructure || !target.image.empty() || !target.dockerfile.empty();
  target.kind = is_service ? TargetKind::kService : TargetKind::kPackage;
  return target;
}

}  // namespace nopo
