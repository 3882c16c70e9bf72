#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/commands/container_task.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ContainerCommand Tests() {
  return {.project = "shop",
          .service = "web",
          .root = "/shop",
          .config_file = "/shop/nopo.yml",
          .image = "shop-web:local",
          .run = "pytest -k 'a b'"};
}

ContainerSpec SpecOf(const ContainerCommand& command) {
  return OneOffSpec(command, std::string(64, 'a'), "shop_default");
}

TEST(OneOffSpecTest, TheLineIsRunByTheImagesShellWhateverItsEntrypoint) {
  const ContainerSpec spec = SpecOf(Tests());

  EXPECT_EQ(spec.image, "shop-web:local");
  EXPECT_THAT(*spec.entrypoint, ElementsAre("sh", "-c"));
  EXPECT_THAT(*spec.command, ElementsAre("pytest -k 'a b'"));
}

TEST(OneOffSpecTest, CarriesTheLabelsOfComposesOneOffContainers) {
  const Labels labels = SpecOf(Tests()).labels;

  EXPECT_EQ(labels.at("com.docker.compose.project"), "shop");
  EXPECT_EQ(labels.at("com.docker.compose.service"), "web");
  EXPECT_EQ(labels.at("com.docker.compose.oneoff"), "True");
  EXPECT_EQ(labels.at("com.docker.compose.slug"), std::string(64, 'a'));
  EXPECT_EQ(labels.at("com.docker.compose.project.working_dir"), "/shop");
}

TEST(OneOffSpecTest, HasNoMountsUnlessTheProjectIsToBeSeen) {
  ContainerCommand command = Tests();
  EXPECT_THAT(SpecOf(command).mounts, IsEmpty());

  command.mount_project = true;

  const ContainerSpec spec = SpecOf(command);
  ASSERT_EQ(spec.mounts.size(), 1u);
  EXPECT_EQ(spec.mounts[0].source, "/shop");
  EXPECT_EQ(spec.mounts[0].target, "/app");
  EXPECT_FALSE(spec.mounts[0].read_only);
}

TEST(OneOffSpecTest, TakesEnvironmentDirectoryUserAndLimits) {
  ContainerCommand command = Tests();
  command.env = {{"A", "b"}, {"C", ""}};
  command.dir = "/srv";
  command.user = "1001";
  command.memory_bytes = 1 << 20;

  const ContainerSpec spec = SpecOf(command);

  EXPECT_THAT(spec.env, ElementsAre("A=b", "C="));
  EXPECT_EQ(spec.working_dir, "/srv");
  EXPECT_EQ(spec.user, "1001");
  EXPECT_EQ(spec.memory_bytes, 1 << 20);
  EXPECT_EQ(spec.network_mode, "shop_default");
}

TEST(OneOffSpecTest, OnATerminalTheLineRunsInASecondShellThatGetsItsSignals) {
  const std::unique_ptr<ClientTerminal> terminal = *ClientTerminal::Create();
  terminal->Resize({.columns = 111, .rows = 40});
  ContainerCommand command = Tests();
  command.terminal = terminal.get();

  const ContainerSpec spec = SpecOf(command);

  EXPECT_THAT(*spec.entrypoint, ElementsAre("sh", "-c", "sh -c \"$0\"; exit $?"));
  EXPECT_THAT(*spec.command, ElementsAre("pytest -k 'a b'"));
  EXPECT_TRUE(spec.tty && spec.open_stdin && spec.attach_stdin);
  EXPECT_EQ(spec.console_columns, 111);
  EXPECT_EQ(spec.console_rows, 40);
}

}  // namespace
}  // namespace nopo
