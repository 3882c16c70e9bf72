#include "daemon/project/dependency_managers.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/project/container_paths.h"

namespace nopo {
namespace {

// A virtual environment of another machine's Python would be overwritten.
constexpr char kKeepForeignVenv[] =
    "if [ -d .venv ] && ! .venv/bin/python -c '' 2>/dev/null; then "
    "echo 'the folder .venv belongs to a Python that is not in the base image: "
    "remove it, or say in sync: of nopo.yml what is to be done' >&2; exit 1; fi; ";

// Each keeps its cache in the volume, in a folder of its own. Offline attempts run without a
// network, so a manager that asks its registry only for what it lacks needs no word for "offline".
const std::vector<DependencyManager>& KnownManagers() {
  static const auto* const managers = new std::vector<DependencyManager>{
      {.name = "pnpm",
       .lockfiles = {"pnpm-lock.yaml"},
       .offline = "pnpm install --frozen-lockfile --offline",
       .online = "pnpm install --frozen-lockfile",
       .cache = "/cache/pnpm",
       .installs = "node_modules",
       .env = {{"npm_config_store_dir", "/cache/pnpm"}, {"CI", "true"}},
       .program = "pnpm"},
      {.name = "npm",
       .lockfiles = {"package-lock.json", "npm-shrinkwrap.json"},
       .offline = "npm ci --offline --no-audit --no-fund",
       .online = "npm ci --prefer-offline --no-audit --no-fund",
       .cache = "/cache/npm",
       .installs = "node_modules",
       .env = {{"npm_config_cache", "/cache/npm"}},
       .program = "npm"},
      {.name = "yarn",
       .lockfiles = {"yarn.lock"},
       .offline = "if grep -q '^__metadata:' yarn.lock; then yarn install --immutable; "
                  "else yarn install --frozen-lockfile --offline; fi",
       .online = "if grep -q '^__metadata:' yarn.lock; then yarn install --immutable; "
                 "else yarn install --frozen-lockfile; fi",
       .cache = "/cache/yarn",
       .installs = "node_modules",
       .env = {{"YARN_CACHE_FOLDER", "/cache/yarn"}, {"YARN_ENABLE_GLOBAL_CACHE", "false"}},
       .program = "yarn"},
      {.name = "bun",
       .lockfiles = {"bun.lock", "bun.lockb"},
       .offline = "bun install --frozen-lockfile",
       .online = "bun install --frozen-lockfile",
       .cache = "/cache/bun",
       .installs = "node_modules",
       .env = {{"BUN_INSTALL_CACHE_DIR", "/cache/bun"}},
       .program = "bun"},
      {.name = "uv",
       .lockfiles = {"uv.lock"},
       .offline = absl::StrCat(kKeepForeignVenv, "uv sync --frozen --offline"),
       .online = absl::StrCat(kKeepForeignVenv, "uv sync --frozen"),
       .cache = "/cache/uv",
       .installs = ".venv",
       .env = {{"UV_CACHE_DIR", "/cache/uv"},
               {"UV_LINK_MODE", "copy"},
               {"UV_PYTHON_INSTALL_DIR", "/cache/uv/python"}},
       .program = "uv"},
      {.name = "poetry",
       .lockfiles = {"poetry.lock"},
       .offline = absl::StrCat(kKeepForeignVenv, "poetry install --no-root --no-interaction"),
       .online = absl::StrCat(kKeepForeignVenv, "poetry install --no-root --no-interaction"),
       .cache = "/cache/poetry",
       .installs = ".venv",
       .env = {{"POETRY_CACHE_DIR", "/cache/poetry"}, {"POETRY_VIRTUALENVS_IN_PROJECT", "true"}},
       .program = "poetry"},
      {.name = "pip",
       .lockfiles = {"requirements.txt"},
       .offline = absl::StrCat(kKeepForeignVenv,
                               "python3 -m venv .venv && .venv/bin/pip install --no-index "
                               "--find-links /cache/pip/wheels -r requirements.txt"),
       .online = absl::StrCat(
           kKeepForeignVenv,
           "python3 -m venv .venv && "
           ".venv/bin/pip wheel --wheel-dir /cache/pip/wheels -r requirements.txt && "
           ".venv/bin/pip install --no-index --find-links /cache/pip/wheels -r requirements.txt"),
       .cache = "/cache/pip",
       .installs = ".venv",
       .env = {{"PIP_CACHE_DIR", "/cache/pip"}, {"PIP_DISABLE_PIP_VERSION_CHECK", "1"}},
       .program = "python3"},
      {.name = "cargo",
       .lockfiles = {"Cargo.lock"},
       .offline = "cargo fetch --locked --offline",
       .online = "cargo fetch --locked",
       .cache = "/cache/cargo",
       .env = {{"CARGO_HOME", "/cache/cargo"}},
       .program = "cargo"},
      {.name = "go",
       .lockfiles = {"go.sum"},
       .offline = "GOPROXY=off go mod download",
       .online = "go mod download",
       .cache = "/cache/go",
       .env = {{"GOMODCACHE", "/cache/go/mod"}, {"GOCACHE", "/cache/go/build"}},
       .program = "go"},
      {.name = "bundler",
       .lockfiles = {"Gemfile.lock"},
       .offline = "bundle install --local",
       .online = "bundle install",
       .cache = "/cache/bundle",
       .env = {{"BUNDLE_PATH", "/cache/bundle"}, {"BUNDLE_FROZEN", "true"}},
       .program = "bundle"},
      {.name = "composer",
       .lockfiles = {"composer.lock"},
       .offline = "COMPOSER_DISABLE_NETWORK=1 composer install --no-interaction",
       .online = "composer install --no-interaction",
       .cache = "/cache/composer",
       .installs = "vendor",
       .env = {{"COMPOSER_CACHE_DIR", "/cache/composer"}},
       .program = "composer"},
  };
  return *managers;
}

// A text that must be there.
std::string RequiredText(ConfigMap& map, const ConfigValue& manager, absl::string_view key,
                         absl::string_view form) {
  const auto value = map.Take(key);
  if (value.has_value()) return value->NonEmptyText(form).value_or("");
  manager.AddError(absl::StrCat("found no '", key, "'; expected ", form));
  return "";
}

std::string CommandLine(ConfigMap& map, absl::string_view key) {
  const auto value = map.TakeSet(key);
  return value.has_value() ? value->NonEmptyText("a command line").value_or("") : "";
}

std::vector<std::string> ReadLockfiles(ConfigMap& map, const ConfigValue& manager,
                                       ProjectFiles& files) {
  const auto value = map.Take("lockfiles");
  if (!value.has_value()) {
    manager.AddError("found no 'lockfiles'; expected a list of texts");
    return {};
  }
  if (value->IsList() && value->Items().empty()) {
    value->AddError("found an empty list; expected at least one lockfile");
  }
  std::vector<std::string> lockfiles = value->TextList();
  for (const std::string& lockfile : lockfiles) {
    const std::filesystem::path path = (files.root() / lockfile).lexically_normal();
    const std::string relative = files.RelativeName(path);
    if (lockfile.empty() || relative == "." || absl::StartsWith(relative, "/")) {
      value->Reject("paths of files in the project, from its root");
      break;
    }
    files.LookFor(path);  // `nopo watch` shall see it change.
  }
  return lockfiles;
}

std::string ReadCache(ConfigMap& map) {
  const auto value = map.TakeSet("cache");
  if (!value.has_value()) return "";
  std::filesystem::path cache = std::filesystem::path(value->Spelling()).lexically_normal();
  if (!cache.has_filename() && cache.has_relative_path()) cache = cache.parent_path();
  if (cache == kCacheInContainer || absl::StartsWith(cache.string(), "/cache/")) {
    return cache.string();
  }
  value->Reject("a path at or below /cache, where the volume is");
  return "";
}

DependencyManager ReadManager(const ConfigValue& value, ProjectFiles& files) {
  ConfigMap map(value);
  DependencyManager manager;
  manager.name = RequiredText(map, value, "name", "the name of a dependency manager");
  manager.lockfiles = ReadLockfiles(map, value, files);
  manager.offline = CommandLine(map, "offline");
  manager.online = CommandLine(map, "online");
  if (manager.offline.empty() && manager.online.empty()) {
    value.AddError("found neither 'offline' nor 'online'; expected at least one of them");
  }
  manager.cache = ReadCache(map);
  if (const auto env = map.TakeSet("env")) manager.env = ReadEnvironment(*env);
  map.WarnOfUnknownKeys();
  return manager;
}

}  // namespace

std::vector<DependencyManager> FindDependencyManagers(ProjectFiles& files) {
  std::vector<DependencyManager> found;
  for (const DependencyManager& known : KnownManagers()) {
    DependencyManager manager = known;
    std::erase_if(manager.lockfiles, [&](const std::string& lockfile) {
      return !files.IsFile(files.root() / lockfile);
    });
    if (!manager.lockfiles.empty()) found.push_back(std::move(manager));
  }
  return found;
}

std::vector<DependencyManager> ReadDependencyManagers(const ConfigValue& value,
                                                      ProjectFiles& files) {
  if (!value.IsList()) {
    value.Reject("a list of dependency managers");
    return {};
  }
  std::vector<DependencyManager> managers;
  std::set<std::string> names;
  for (const ConfigValue& item : value.Items()) {
    if (!item.IsMap()) {
      item.Reject("a map with 'name', 'lockfiles', 'offline' and 'online'");
      continue;
    }
    managers.push_back(ReadManager(item, files));
    if (!names.insert(managers.back().name).second) {
      item.AddError(absl::StrCat("found a second manager named '", managers.back().name,
                                 "'; expected another name"));
    }
  }
  return managers;
}

}  // namespace nopo
